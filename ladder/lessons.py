"""The ladder as a course: docs/lessons.md, made of an authored text, the rungs' files and a recorded run.

The text is lessons_template.md. What stands in double braces there is filled in:

    {{run}}                          the circumstances of the run
    {{rung NAME}}                    the heading of a rung's lesson: its idea, its file, what was measured
    {{file NAME}}                    what the rung's file says: docstring, and what changes from the parent, or the code
    {{excerpt PATH FUNCTION}}        one function out of a file
    {{gain A over B on WORKLOAD}}    how many times as fast A is as B; without `on WORKLOAD`, on domino
    {{interval A over B}}            the 95% interval of that
    {{time A}}                       what a generation takes, in microseconds
    {{claim A slower than B}}        nothing; but a remark where the run contradicts what the text says
    {{measured WORKLOAD}}...{{end}}  what is between them, if the run has that workload
    {{losses}}                       a table of the rungs that gained nothing over their parents
    {{climb A, B: kind, C: kind}}    the steps from A to C as a table, and the share of every kind of step in the whole

Every rung has to have its `rung` and its `file`, so that no new one is forgotten here.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ladder.availability import BY_NAME, ROOT
from ladder.errors import LadderError
from ladder.results import Results
from ladder.show import rung_diff, rung_docstring, rung_source, without_docstring
from ladder.stats import Ratio, format_factor, median_rate, speed_up
from ladder.tables import describe_control, describe_run, format_interval
from variants import Rung

PLACEHOLDER = r"\{\{measured (?P<workload>\w+)\}\}(?P<inner>.*?)\{\{end\}\}|\{\{(?P<text>.*?)\}\}"
TEMPLATE = Path(__file__).with_name("lessons_template.md")
METRIC = "domino"
NOT_MEASURED = "(not measured)"
LANGUAGES = {".py": "python", ".pyx": "cython", ".pxd": "cython", ".h": "c"}
NEW_FAMILY = (
    0.7  # where more than this share of the lines of parent and rung change, the code says more than the changes
)
WIDE = 1.25  # an interval whose ends are farther apart than by this factor is worth mentioning
WORTH_IT = 1.1  # a rung that gains less than this over its parent is counted among the losses
BAR = 40  # characters for the whole climb


def write_lessons(results: Results) -> str:
    """The course, its figures from a run. Raises LadderError where the template or a file of a rung is amiss."""
    return fill(TEMPLATE.read_text(encoding="utf-8"), results)


def fill(template: str, results: Results) -> str:
    """A template with everything in double braces filled in. Raises LadderError that names the line."""
    check_complete(template)

    def write(found: re.Match[str], before: int = 0) -> str:
        if found["workload"] in results.plan.workloads:
            start = before + found.start("inner")
            return re.sub(PLACEHOLDER, lambda inner: write(inner, start), found["inner"], flags=re.DOTALL)
        if found["workload"]:
            return ""
        text = " ".join(found["text"].split())  # a paragraph may be wrapped within it
        try:
            return fill_in(text, results)
        except LadderError as error:
            line = template.count("\n", 0, before + found.start()) + 1
            raise LadderError(f"{TEMPLATE.name}, line {line}: {error}") from None

    return re.sub(PLACEHOLDER, write, template, flags=re.DOTALL)


def check_complete(template: str) -> None:
    """Every rung has its lesson. Raises LadderError."""
    for form in ("rung", "file"):
        found = re.findall(rf"\{{\{{{form} (\w+)\}}\}}", template)
        for name in BY_NAME:
            if found.count(name) != 1:
                raise LadderError(
                    f"{TEMPLATE.name}: expected {{{{{form} {name}}}}} once, found it {found.count(name)}x"
                )


def fill_in(text: str, results: Results) -> str:
    for pattern, write in FORMS.items():
        found = re.fullmatch(pattern, text)
        if found:
            return write(results, **found.groupdict())
    raise LadderError(f"{{{{{text}}}}}: expected one of the forms that {Path(__file__).name} lists")


def find_rung(name: str) -> Rung:
    rung: Rung | None = BY_NAME.get(name)
    if rung is None:
        raise LadderError(f"rung {name!r}: expected one of {', '.join(BY_NAME)}")
    return rung


def find_ratio(results: Results, a: str, b: str, workload: str | None) -> Ratio | None:
    return speed_up(results.batches, find_rung(a).name, find_rung(b).name, workload or METRIC)


def write_run(results: Results) -> str:
    return f"{describe_run(results)}. {describe_control(results, METRIC)}."


def write_rung(results: Results, name: str) -> str:
    rung = find_rung(name)
    lines = [f"### {name}", "", f"*{rung.tool}: {rung.idea}.* [{rung.source}](../{rung.source})", ""]
    lines.append(write_figures(results, rung))
    return "\n".join(lines)


def write_figures(results: Results, rung: Rung) -> str:
    """One line: the rung over the baseline and over its parent, and over its parent on other boards."""
    if rung.parent is None:
        return f"**Measured:** a generation takes {write_time(results, rung.name)}. All speed-ups are relative to this."
    outcome = results.outcome(rung.name, METRIC)
    total = speed_up(results.batches, rung.name, "row_list", METRIC)
    if total is None:
        return f"**Measured:** nothing in this run{f' ({outcome.status}: {outcome.reason})' if outcome else ''}."
    text = f"**Measured:** {total} times as fast as row_list ({format_interval(total)})"
    if rung.parent != "row_list":
        gain = speed_up(results.batches, rung.name, rung.parent, METRIC)
        text += f", {gain} times as fast as its parent {rung.parent} ({format_interval(gain)})" if gain else ""
    others = [
        f"{workload} {write_ratio(ratio)}"
        for workload in results.plan.workloads
        if workload != METRIC and (ratio := speed_up(results.batches, rung.name, rung.parent, workload))
    ]
    return f"{text}." + (f" Over its parent on other boards: {', '.join(others)}." if others else "")


def write_ratio(ratio: Ratio) -> str:
    """A factor, and its interval where the factor alone would say more than was measured."""
    return f"{ratio} ({format_interval(ratio)})" if not ratio.high <= WIDE * ratio.low else str(ratio)


def write_file(results: Results, name: str) -> str:
    rung = find_rung(name)
    if rung.parent and BY_NAME[rung.parent].source == rung.source:
        return "The file is the parent's own; nothing in it changes."
    read_source(rung)
    docstring = escape_markdown(rung_docstring(rung)).splitlines()
    return "\n".join([*(f"> {line}".rstrip() for line in docstring), "", write_change(rung)])


def write_change(rung: Rung) -> str:
    """What changes from the parent to a rung; where that is nearly everything, its code."""
    code = without_docstring(read_source(rung))
    if rung.parent:
        parent_code = without_docstring(read_source(BY_NAME[rung.parent]))
        diff = rung_diff(rung).splitlines()
        added, removed = (sum(line.startswith(sign) for line in diff[2:]) for sign in "+-")
        if added + removed <= NEW_FAMILY * (len(code) + len(parent_code)):
            title = f"What changes from {rung.parent}: {added} lines in, {removed} out"
            return fold(title, "diff", "\n".join(diff))
    return fold("The code", LANGUAGES[Path(rung.source).suffix], "".join(code).strip("\n"))


def read_source(rung: Rung) -> str:
    try:
        return rung_source(rung)
    except OSError as error:
        raise LadderError(f"rung {rung.name}: {rung.source}: {error.strerror}") from None


def fold(title: str, language: str, text: str) -> str:
    """A block of code that a click unfolds."""
    return f"<details>\n<summary>{title}</summary>\n\n```{language}\n{text}\n```\n\n</details>"


def escape_markdown(text: str) -> str:
    """Plain text as Markdown that shows the same; `quoted` and indented code stays as it is."""
    lines = []
    for line in text.splitlines():
        parts = re.split(r"(`[^`]*`)", line)
        if not line.startswith("    "):
            parts[::2] = [re.sub(r"([*\\])", r"\\\1", part).replace("<", "&lt;") for part in parts[::2]]
        lines.append("".join(parts))
    return "\n".join(lines)


def write_excerpt(results: Results, path: str, function: str) -> str:
    try:
        source = (ROOT / path).read_text(encoding="utf-8")
    except OSError as error:
        raise LadderError(f"excerpt from {path}: {error.strerror}") from None
    if path.endswith(".h"):
        pattern = rf"^\w[^\n;]*\b(?:FN\({function}\)|{function})\([^;{{]*\{{\n.*?^\}}"
    else:
        pattern = rf"^(?:@[^\n]*\n)*(?:def|class|cdef|cpdef)\b[^\n]*\b{function}\(.*?(?=\n+^[^\s)]|\Z)"
    found = re.search(pattern, source, re.MULTILINE | re.DOTALL)
    if not found:
        raise LadderError(f"excerpt from {path}: no function {function}")
    return f"```{LANGUAGES[Path(path).suffix]}\n{found[0].rstrip()}\n```"


def write_gain(results: Results, a: str, b: str, workload: str | None) -> str:
    ratio = find_ratio(results, a, b, workload)
    return str(ratio) if ratio else NOT_MEASURED


def write_interval(results: Results, a: str, b: str, workload: str | None) -> str:
    ratio = find_ratio(results, a, b, workload)
    return format_interval(ratio) if ratio else NOT_MEASURED


def write_time(results: Results, a: str) -> str:
    rate = median_rate(results.batches, find_rung(a).name, METRIC)
    return f"{format_factor(1e6 / rate)} µs" if rate else NOT_MEASURED


def write_claim(results: Results, a: str, comparison: str, b: str, workload: str | None) -> str:
    """Nothing, or a remark for the reader where all of the interval lies on the other side."""
    ratio = find_ratio(results, a, b, workload)
    contradicted = ratio and (ratio.high < 1 if comparison == "faster" else ratio.low > 1)
    if not contradicted or ratio is None:
        return ""
    on = f" on {workload}" if workload else ""
    return f" *(Not in this run: {a} came out {ratio} times as fast as {b}{on}, {format_interval(ratio)}.)*"


def write_losses(results: Results) -> str:
    """The rungs that gained little or nothing over their parents, or lost, as a table."""
    lines = ["| rung | its parent | times as fast | 95% interval |", "|---|---|--:|--:|"]
    for rung in BY_NAME.values():
        ratio = find_ratio(results, rung.name, rung.parent, None) if rung.parent else None
        if ratio and ratio.value < WORTH_IT:
            lines.append(f"| {rung.name} | {rung.parent} | {ratio} | {format_interval(ratio)} |")
    return "\n".join(lines)


class Step(NamedTuple):
    """A step of a climb: from which rung to which, what kind of gain that is, and the gain."""

    start: str
    end: str
    kind: str
    gain: float

    @property
    def log(self) -> float:
        return math.log(self.gain)


def find_steps(results: Results, first: str, rest: str) -> list[Step] | None:
    """The steps of a climb, written `B: kind, C: kind`; None where one of them wasn't measured."""
    steps = []
    for part in rest.split(", "):
        end, _, kind = part.partition(": ")
        ratio = find_ratio(results, end, first, None)
        if ratio is None:
            return None
        steps.append(Step(first, end, kind, ratio.value))
        first = end
    return steps


def write_climb(results: Results, first: str, rest: str) -> str:
    """A table of steps. Shares are of the logarithm: factors multiply, and their logarithms add up."""
    steps = find_steps(results, first, rest)
    if steps is None:
        return NOT_MEASURED
    whole = math.fsum(step.log for step in steps)
    lines = ["| kind of step | from | to | factor | share | |", "|---|---|---|--:|--:|:--|"]
    for step in steps:
        share = step.log / whole if whole else 0.0
        bar = "█" * round(BAR * max(0.0, share))
        lines.append(f"| {step.kind} | {step.start} | {step.end} | {format_factor(step.gain)} | {share:.0%} | {bar} |")
    total = f"| **all** | {steps[0].start} | {steps[-1].end} | **{format_factor(math.exp(whole))}** | 100% | |"
    return "\n".join([*lines, total])


_NAME, _WORKLOAD = r"(?P<{}>\w+)", r"(?: on (?P<workload>\w+))?"
_PAIR = f"{_NAME.format('a')} over {_NAME.format('b')}{_WORKLOAD}"
FORMS: dict[str, Callable[..., str]] = {
    "run": write_run,
    "losses": write_losses,
    f"rung {_NAME.format('name')}": write_rung,
    f"file {_NAME.format('name')}": write_file,
    rf"excerpt (?P<path>\S+) {_NAME.format('function')}": write_excerpt,
    f"gain {_PAIR}": write_gain,
    f"interval {_PAIR}": write_interval,
    f"time {_NAME.format('a')}": write_time,
    rf"claim {_NAME.format('a')} (?P<comparison>faster|slower) than {_NAME.format('b')}{_WORKLOAD}": write_claim,
    rf"climb {_NAME.format('first')}, (?P<rest>\w+: [^,]+(?:, \w+: [^,]+)*)": write_climb,
}
