"""Read an agent's results.tsv: every experiment in it, and what is wrong with its lines.

Agents write these files with a shell, over hours, after briefs of several kinds. So nothing in them is relied on: a
line that can't be read as it stands is read as well as it can be, and reported with its number. Three kinds are known:

    commit generations_per_s status description                                        four columns
    commit generations_per_s status description track category hypothesis learned      those of program.md
    commit val_bpb memory_gb status description                                        Karpathy's; lower is better
"""

import codecs
import math
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ladder.errors import LadderError

FULL = ("commit", "generations_per_s", "status", "description", "track", "category", "hypothesis", "learned")
SHORT = FULL[:4]
KARPATHY = ("commit", "val_bpb", "memory_gb", "status", "description")
LAYOUTS = (FULL, SHORT, KARPATHY)
KNOWN = {*FULL, *KARPATHY}
LOWER_IS_BETTER = {"generations_per_s": False, "val_bpb": True}

FAILED = ("wrong", "crash", "timeout")
STATUSES = ("keep", "discard", *FAILED)
TRACKS = ("micro", "macro")
ABSURD = 1e100  # a metric beyond this, or below its inverse, can't be drawn, nor believed
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

Cells = Sequence[str]


class Experiment(msgspec.Struct, frozen=True):
    """One line. `value` is the metric, None where there is none; `status` is lower case, also an unknown one."""

    line: int
    commit: str
    value: float | None
    status: str
    description: str
    track: str = ""
    category: str = ""
    hypothesis: str = ""
    learned: str = ""


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a line of the file."""

    line: int
    reason: str


class Log(msgspec.Struct, frozen=True):
    """A results.tsv as it was read; `metric` is the name of the column that the values come from."""

    path: str
    metric: str
    experiments: list[Experiment]
    problems: list[Problem]

    @property
    def lower_is_better(self) -> bool:
        return LOWER_IS_BETTER[self.metric]


def read_log(path: Path) -> Log:
    """Read a results.tsv, or the one in a folder. Raises LadderError where there is no experiment to be read."""
    if path.is_dir():
        path = path / "results.tsv"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LadderError(f"{path}: {error.strerror}") from None
    reader = Reader()
    for number, text in enumerate(split_lines(decode(data)), 1):
        if text.strip():
            reader.read_line(number, text)
    if not reader.experiments:
        first = f"; line {reader.problems[0].line}: {reader.problems[0].reason}" if reader.problems else ""
        raise LadderError(f"{path}: holds no experiment{first}")
    return Log(str(path), reader.metric or FULL[1], reader.experiments, reader.problems)


def decode(data: bytes) -> str:
    """The text of a file as editors and shells leave it; bytes that are no text become replacement characters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def split_lines(text: str) -> list[str]:
    """Split where a line ends on any system, but not at the rarer separators that may stand inside a cell."""
    return re.split(r"\r\n|\n|\r", text)


class Reader:
    """Takes the lines of one file in their order."""

    def __init__(self) -> None:
        self.line = 0
        self.columns: Cells | None = None
        self.metric: str | None = None
        self.experiments: list[Experiment] = []
        self.problems: list[Problem] = []
        self.lines_of_commits: dict[str, int] = {}

    def report(self, reason: str) -> None:
        self.problems.append(Problem(self.line, reason))

    def read_line(self, number: int, text: str) -> None:
        self.line = number
        if "\ufffd" in text:
            self.report("not UTF-8")
        cells = [cell.strip() for cell in text.split("\t")]
        if is_header(cells):
            self.columns = self._read_header(cells)
        elif len(cells) < 3:
            self.report(f"{count(cells)}, expected {len(self.columns or FULL)} with tabs between them")
        else:
            if self.columns is None:
                self.report("no line with the names of the columns before it")
                self.columns = find_layout(cells, ()) or FULL
            metric = next((name for name in self.columns if name in LOWER_IS_BETTER), FULL[1])
            self._add(self._assign(cells, self.columns, metric), metric)

    def _read_header(self, cells: Cells) -> Cells:
        columns = tuple(cell.lower() for cell in cells)
        for name in columns:
            if name not in KNOWN:
                self.report(f"column {name!r}: unknown, left out")
        if not any(name in LOWER_IS_BETTER for name in columns):
            self.report(f"no column {' or '.join(LOWER_IS_BETTER)}")
        return columns

    def _assign(self, cells: list[str], columns: Cells, metric: str) -> dict[str, str]:
        """Tell which cell belongs to which column."""
        while len(cells) > len(columns) and not cells[-1]:
            cells.pop()
        layout = columns
        if len(cells) != len(columns) or not has_status(cells, columns):
            layout = find_layout(cells, columns) or columns
        if len(cells) != len(columns):
            how = "" if len(layout) == len(columns) else f", read as {' '.join(layout)}"
            if len(cells) > len(layout):
                how += ", taken for tabs inside the description"
            self.report(f"{count(cells)}, expected {len(columns)}{how}")
        elif layout is not columns:
            self.report(f"cells in another order, read as {' '.join(layout)}")
        # A layout tells where a cell stands; what was measured is the header's to say.
        names = [metric if name in LOWER_IS_BETTER else name for name in layout]
        return dict(zip(names, fit(cells, layout), strict=True))

    def _add(self, cells: dict[str, str], metric: str) -> None:
        status = cells.get("status", "").lower()
        if status not in STATUSES:
            self.report(f"status {status!r}: expected one of {', '.join(STATUSES)}")
        commit = cells.get("commit", "")
        if not commit:
            self.report("no commit")
        elif commit in self.lines_of_commits:
            self.report(f"commit {commit}: already in line {self.lines_of_commits[commit]}")
        self.lines_of_commits.setdefault(commit, self.line)
        value = self._read_value(cells.get(metric, ""), status, metric)
        if value is not None and metric != (self.metric or metric):
            self.report(f"{metric} in a run measured by {self.metric}: left out")
            value = None
        if value is not None:
            self.metric = metric
        told = {name: cells.get(name, "") for name in FULL[3:]}
        told["track"], told["category"] = told["track"].lower(), told["category"].lower()
        self.experiments.append(Experiment(self.line, commit, value, status, **told))

    def _read_value(self, text: str, status: str, metric: str) -> float | None:
        """The metric of a row. None where it has none, or one that can't be: that is reported."""
        value = float(text) if NUMBER.fullmatch(text) else math.nan
        if text and math.isnan(value):
            self.report(f"{metric} {text!r}: expected a number")
        elif status in FAILED:
            # A zero is what other briefs have agents write where there is nothing to tell.
            if text and value:
                self.report(f"{metric} {text}: expected none, as the run ended in {status!r}")
        elif not 0 < value < math.inf:
            self.report(f"{metric} {text!r}: expected a number above 0")
        elif not 1 / ABSURD < value < ABSURD:
            self.report(f"{metric} {text!r}: expected what a run can come out as")
        else:
            return value
        return None


def is_header(cells: Cells) -> bool:
    return {"commit", "status"} <= {cell.lower() for cell in cells}


def has_status(cells: Cells, layout: Cells) -> bool:
    place = layout.index("status")
    return place < len(cells) and cells[place].lower() in STATUSES


def find_layout(cells: Cells, columns: Cells) -> Cells | None:
    """The layout that fits cells best: one with as many columns, else one whose status is where theirs is."""
    fitting = [layout for layout in (columns, *LAYOUTS) if layout and has_status(cells, layout)]
    for layout in fitting:
        told = dict(zip(layout, cells, strict=False))
        if len(layout) == len(cells) and told.get("track", "").lower() in ("", *TRACKS):
            return layout
    return fitting[0] if fitting else None


def fit(cells: list[str], layout: Cells) -> list[str]:
    """Bring cells to the length of a layout: what is missing is empty, what is too much is the description's."""
    surplus = len(cells) - len(layout)
    if surplus <= 0 or "description" not in layout:
        return (cells + [""] * -surplus)[: len(layout)]
    start = layout.index("description")
    end = start + surplus + 1
    if layout[start + 1 : start + 2] == ("track",):
        # Tabs may also have got into what was learned; the track shows where the description ends.
        end = next((i for i in range(start + 1, end) if cells[i].lower() in TRACKS), end)
    following = len(layout) - start - 1
    rest = cells[end:]
    if following:
        rest = [*rest[: following - 1], " ".join(filter(None, rest[following - 1 :]))]
    return [*cells[:start], " ".join(filter(None, cells[start:end])), *rest]


def count(cells: Cells) -> str:
    return f"{len(cells)} cell{'s' if len(cells) != 1 else ''}"
