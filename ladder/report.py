"""Everything that is drawn from the reference run, and whether what stands in the repository is up to date.

Text is compared word for word. A chart carries a stamp, the hash of the run and of the code that draws it, since its
bytes also depend on the version of the plotting library.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from ladder import ceiling, chart_style, charts, stats, threads, workloads
from ladder import results as records
from ladder.availability import BY_NAME, ROOT
from ladder.ceiling import ceiling_rate
from ladder.errors import LadderError
from ladder.lessons import write_lessons
from ladder.results import Results
from ladder.run import BAD
from ladder.stats import format_factor, format_rate, median_rate, speed_up
from ladder.tables import describe_control, describe_run, format_interval
from ladder.workloads import WORKLOADS, LadderWorkload

BEGIN, END = "<!-- ladder report: begin -->", "<!-- ladder report: end -->"
README = ROOT / "README.md"
LESSONS = ROOT / "docs" / "lessons.md"
WORKLOADS_PAGE = ROOT / "docs" / "workloads.md"
THREADS = ROOT / "docs" / "threads.md"

CHARTS: dict[str, Callable[[Results], Figure]] = {
    "ladder.svg": lambda results: charts.draw_ladder(results, ceiling_rate(results)),
    "workloads.svg": charts.draw_workloads,
    "board_size.svg": charts.draw_board_size,
}
WORKLOADS_TEXT = """\
# Every rung on every kind of board

How many times as fast as the anchor each rung is, with its 95% interval. The anchor is row_list; on boards that are too
large for it, numpy_slices. On the soups, reading the board isn't part of the time.

{kinds}

{table}

{failures}{circumstances} This page is generated; its record is [{source}](../bench_results/{source}).
"""
THREADS_CHART = "threads.svg"

THREADS_PAGE = """\
# Where threads pay

Two rungs share a board out over threads, [numba_parallel](../variants/numba_parallel.py) and
[cython_openmp](../variants/cython_openmp.pyx). The table tells how many times as fast they are as their parents, which
use one core, on soups of several sizes; in brackets the 95% interval. On the ladder's own board, 150 x 240, starting
threads takes longer than the work, so both decide against it, and two threads are one: its column in
[workloads.md](workloads.md) is domino, and soup_8k there is a board of 8192 x 8192.

![What threads gain over the parent's single one, by board size](../bench_results/threads.svg)

{table}

Measured on {day} on {cpu} in {blocks} blocks. This page is generated; its record is
[threads.json](../bench_results/threads.json). To measure your own machine:

<!-- long: 15 minutes -->

    ladder threads
"""


def chart_stamp(run: Path) -> str:
    """What a chart was drawn from: the run, and the code that drew it."""
    digest = hashlib.sha256()
    drawing = (charts, chart_style, threads, ceiling, stats, workloads)
    for path in (run, *(Path(module.__file__) for module in drawing if module.__file__)):
        digest.update(path.read_bytes())
    return f"{run.name} {digest.hexdigest()[:16]}"


def readme_section(results: Results) -> str:
    """The ladder as a table, between its markers, with the circumstances of the run."""
    rows = [
        "| rung | tool | idea | generations/s | x row_list | 95% interval | x parent |",
        "|---|---|---|--:|--:|--:|--:|",
    ]
    for name in results.plan.rungs:
        rung = BY_NAME.get(name)
        if rung is None:
            continue
        ratio = speed_up(results.batches, name, "row_list", "domino")
        rate = median_rate(results.batches, name, "domino")
        gain = speed_up(results.batches, name, rung.parent, "domino") if rung.parent else None
        if ratio is None or rate is None:
            outcome = results.outcome(name, "domino")
            figures = f"{outcome.status if outcome else 'not measured'} | | |"
        else:
            interval = "" if name == "row_list" else format_interval(ratio)
            figures = f"{format_rate(rate)} | {ratio} | {interval} | {format_factor(gain.value) if gain else ''} |"
        rows.append(f"| [{name}]({rung.source}) | {rung.tool} | {rung.idea} | {figures}")
    lines = [
        BEGIN,
        "![The ladder: speed-up of every rung over the baseline, on a log axis](bench_results/ladder.svg)",
        "",
        *rows,
        "",
        f"Measured {describe_run(results)}; the parent of a rung is the one it differs from by one idea. "
        f"{describe_control(results, 'domino')}.",
        END,
    ]
    return "\n".join(lines)


def replace_section(text: str, section: str, path: Path) -> str:
    """Put a section between the markers of a text. Raises LadderError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise LadderError(f"{path}: expected the lines {BEGIN} and {END}")
    return f"{before}{section}{after}"


def write_report(run: Path) -> list[Path]:
    """Draw everything from a run; return what was written."""
    results = records.load(run)
    written, pages = [], texts(results)
    for name, draw in CHARTS.items():
        with chart_style.style():
            chart_style.save_svg(draw(results), records.FOLDER / name, chart_stamp(run))
        written.append(records.FOLDER / name)
    for path, text in pages.items():
        records.write_atomically(path, text)
        written.append(path)
    if threads.RECORDED.exists():
        written += write_threads(threads.load_threads(threads.RECORDED))
    return written


def write_threads(results: Results) -> list[Path]:
    """Draw what `ladder threads` recorded."""
    chart = records.FOLDER / THREADS_CHART
    with chart_style.style():
        chart_style.save_svg(charts.draw_threads(results), chart, chart_stamp(threads.RECORDED))
    records.write_atomically(THREADS, threads_page(results))
    return [chart, THREADS]


def threads_page(results: Results) -> str:
    heading, *rows = threads.threads_rows(results)
    lines = [heading, ["---", *["--:"] * (len(heading) - 1)], *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    cpu = results.environment["cpu"]
    return THREADS_PAGE.format(table=table, day=results.created[:10], cpu=cpu, blocks=results.plan.blocks)


def texts(results: Results) -> dict[Path, str]:
    """What README, the lessons and the page about workloads should say."""
    readme = README.read_text(encoding="utf-8")
    return {
        README: replace_section(readme, readme_section(results), README),
        LESSONS: write_lessons(results),
        WORKLOADS_PAGE: workloads_page(results),
    }


def workloads_page(results: Results) -> str:
    """Speed-ups over each workload's anchor, rung by workload, or why there is none."""
    played = [WORKLOADS[name] for name in results.plan.workloads]
    planned = results.plan.blocks
    kinds = [f"- **{w.name}**: {w.about}; over {w.anchor}, {w.blocks(planned)} blocks" for w in played]
    lines = [
        f"| rung | {' | '.join(workload.name for workload in played)} |",
        f"|---|{'--:|' * len(played)}",
    ]
    for name in results.plan.rungs:
        if name in BY_NAME:
            cells = [describe_speed_up(results, name, workload) for workload in played]
            lines.append(f"| [{name}](../{BY_NAME[name].source}) | {' | '.join(cells)} |")
    failures = [f"- {o.rung} on {o.workload}: {o.status}: {o.reason}" for o in results.outcomes if o.status in BAD]
    return WORKLOADS_TEXT.format(
        kinds="\n".join(kinds),
        table="\n".join(lines),
        failures="\n".join(["What went wrong:", "", *failures, "", ""]) if failures else "",
        circumstances=f"Measured on {results.created[:10]} on {results.environment['cpu']}.",
        source=records.REFERENCE.name,
    )


def describe_speed_up(results: Results, name: str, workload: LadderWorkload) -> str:
    outcome = results.outcome(name, workload.name)
    ratio = speed_up(results.batches, name, workload.anchor, workload.name)
    if outcome is not None or ratio is None:
        return outcome.status if outcome else "not measured"
    return "1" if name == workload.anchor else f"{ratio} ({format_interval(ratio)})"


def find_stale(run: Path) -> list[str]:
    """What no longer says what the run says: one line each."""
    results = records.load(run)
    stale = []
    drawn = [(name, run) for name in CHARTS]
    written = [(path, text, run) for path, text in texts(results).items()]
    if threads.RECORDED.exists():
        drawn.append((THREADS_CHART, threads.RECORDED))
        written.append((THREADS, threads_page(threads.load_threads(threads.RECORDED)), threads.RECORDED))
    for name, source in drawn:
        path = records.FOLDER / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if f"<!-- drawn from: {chart_stamp(source)} -->" not in text:
            stale.append(f"{path.relative_to(ROOT)} was not drawn from {source.name} by this version of the charts")
    for path, text, source in written:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(f"{path.relative_to(ROOT)} doesn't say what {source.name} and the rungs say")
    return stale
