"""`ladder analyze`: what an agent's results.tsv says, from the command line."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from ladder import results as records
from ladder.analyze import RUNGS_METRIC, Analysis, Group, analyze, name_runs, plateau_advice, rung_speed_ups
from ladder.analyze_chart import SUFFIXES, draw_runs, save_chart
from ladder.chart_style import style
from ladder.console import output, progress
from ladder.errors import LadderError
from ladder.experiments import FAILED, read_log
from ladder.stats import format_factor, format_rate


def command(
    files: Annotated[list[Path], typer.Argument(help="results.tsv of one agent, or of several.", show_default=False)],
    chart: Annotated[
        Path | None,
        typer.Option(help="Where to draw, .svg or .png. (default: beside the first file, results or comparison.svg)"),
    ] = None,
    no_chart: Annotated[bool, typer.Option("--no-chart", help="Draw nothing.")] = False,
    noise: Annotated[float, typer.Option(min=0, max=1, help="A gain below this is within the noise.")] = 0.01,
    reference: Annotated[
        Path | None, typer.Option(help="Results of `ladder run` to take the rungs from. (default: the reference run)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Tell and draw what an agent's run came to, over the rungs of the ladder.

    The chart shows every experiment, the best so far, and the rungs as lines. Factors are over the run's own baseline,
    its first kept row. Lines of the file that can't be read as they stand are reported with their numbers.

    Examples:

      ladder analyze ../agent-1/results.tsv

      ladder analyze ../agent-*/results.tsv --chart agents.png

      ladder analyze results.tsv --no-chart --json
    """
    if chart is not None and chart.suffix not in SUFFIXES:
        raise LadderError(f"chart {chart}: expected a name that ends in {' or '.join(SUFFIXES)}")
    logs = [read_log(path) for path in files]
    same_task = all(log.metric == RUNGS_METRIC for log in logs)
    rungs = load_rungs(reference) if same_task else {}
    runs = [analyze(name, log, noise, rungs) for name, log in zip(name_runs(files), logs, strict=True)]
    report_problems(runs)
    if as_json:
        sys.stdout.write(to_json(runs, rungs, noise))
    else:
        print_analysis(runs, rungs, noise)
    if not no_chart:
        beside = Path(runs[0].log.path)
        draw(runs, rungs, chart or beside.with_name("results.svg" if len(runs) == 1 else "comparison.svg"))


def load_rungs(reference: Path | None) -> dict[str, float]:
    if reference is not None or records.REFERENCE.exists():
        return rung_speed_ups(reference or records.REFERENCE)
    progress.print("no reference run, so no rungs: make one with `ladder run`, and name it by --reference")
    return {}


def report_problems(runs: Sequence[Analysis]) -> None:
    for run in runs:
        for problem in run.log.problems:
            progress.print(
                f"{run.log.path}:{problem.line}: {problem.reason}", markup=False, highlight=False, soft_wrap=True
            )


def draw(runs: Sequence[Analysis], rungs: dict[str, float], path: Path) -> None:
    drawn = [run for run in runs if run.baseline is not None]
    for run in runs:
        if run.baseline is None:
            progress.print(f"{run.log.path}: not drawn, as no kept experiment has a number", highlight=False)
    if drawn:
        with style():
            save_chart(draw_runs(drawn, rungs), path, " ".join(Path(run.log.path).name for run in drawn))
        progress.print(f"chart: {path}", markup=False, highlight=False, soft_wrap=True)


def to_json(runs: Sequence[Analysis], rungs: dict[str, float], noise: float) -> str:
    told = [
        {
            **msgspec.to_builtins(run),
            "experiments": run.experiments,
            "best": run.best,
            "shares": {status: run.share(status) for status in run.statuses},
        }
        for run in runs
    ]
    everything = {"noise": noise, "rungs": rungs, "runs": told}
    return records.format_json(everything)


def print_analysis(runs: Sequence[Analysis], rungs: dict[str, float], noise: float) -> None:
    if len(runs) == 1:
        output.print(keeps_table(runs[0]))
    output.print(summary_table(runs, noise))
    if any(run.categories or run.tracks for run in runs):
        output.print(gains_table(runs))
    if rungs:
        output.print(rungs_table(runs, rungs))
    advice = plateau_advice()
    for run in runs:
        print_notes(run, advice.length, alone=len(runs) == 1)
    if any(run.since_last_keep >= advice.length for run in runs):
        output.print("\nWhat program.md says about a plateau:\n", highlight=False)
        output.print(Markdown(advice.text))


def keeps_table(run: Analysis) -> Table:
    """The experiments that made the program what it is, and what each of them gained."""
    table = Table(title=f"Kept, measured by {run.log.metric}", title_justify="left")
    for column in ("#", "commit", "metric", "x baseline", "x kept before"):
        table.add_column(column, justify="left" if column == "commit" else "right", no_wrap=True)
    table.add_column("description")
    for i in run.keeps_and_baseline:
        row, factor, gain = run.log.experiments[i], run.factors[i], run.gains.get(i)
        table.add_row(
            str(i),
            Text(row.commit),
            format_rate(row.value) if row.value else "",
            format_factor(factor) if factor else "",
            format_factor(gain) if gain else "",
            Text(row.description),
            style="dim" if i in run.in_noise else "",
        )
    return table


def summary_table(runs: Sequence[Analysis], noise: float) -> Table:
    table = Table(title="Summary: a row for each agent", title_justify="left", caption_justify="left")
    table.caption = "Rates were measured one after another, so gains near 1 may be the machine's."
    table.add_column("agent")
    columns = ["experiments", "kept", f"kept, gain < {noise:.1%}", "discard", *FAILED]
    columns += ["hypotheses held", "since last keep", "best"]
    for column in columns:
        table.add_column(column, justify="right")
    for run in runs:
        statuses = [format_share(run.statuses.get(status, 0), run.experiments) for status in ("discard", *FAILED)]
        table.add_row(
            Text(run.name),
            str(run.experiments),
            format_share(len(run.keeps), run.experiments),
            format_share(len(run.in_noise), len(run.keeps)),
            *statuses,
            f"{run.held} of {run.supposed}" if run.supposed else "-",
            str(run.since_last_keep),
            f"[bold]{format_factor(run.best)}x" if run.best else "-",
        )
    return table


def format_share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if part else "0"


def gains_table(runs: Sequence[Analysis]) -> Table:
    """Where the gains came from: the product of the gains of what was kept, and how many of how many were."""
    table = Table(title="Gain by category and by track", title_justify="left")
    table.add_column("", no_wrap=True)
    for run in runs:
        table.add_column(Text(run.name), justify="right")
    for groups in ([run.categories for run in runs], [run.tracks for run in runs]):
        for name in dict.fromkeys(name for found in groups for name in found):
            table.add_row(Text(name), *(format_group(found.get(name)) for found in groups))
        table.add_section()
    return table


def format_group(group: Group | None) -> str:
    if group is None:
        return "-"
    return f"{format_factor(group.gain)}x, {group.kept} of {group.experiments} kept"


def rungs_table(runs: Sequence[Analysis], rungs: dict[str, float]) -> Table:
    """Which experiment passed which rung, up to the first that nobody passed."""
    table = Table(title="Experiments needed to pass each rung", title_justify="left")
    table.add_column("rung", no_wrap=True)
    table.add_column("x row_list", justify="right", no_wrap=True)
    for run in runs:
        table.add_column(Text(run.name), justify="right")
    for name, value in rungs.items():
        passed = [run.passed[name] for run in runs]
        table.add_row(name, format_factor(value), *("-" if number is None else str(number) for number in passed))
        if not any(passed):
            left = sum(rate > value for rate in rungs.values())
            table.caption = f"and {left} rungs above, up to {format_factor(max(rungs.values()))}x" if left else None
            break
    return table


def print_notes(run: Analysis, plateau: int, alone: bool) -> None:
    def say(text: str) -> None:
        output.print(("" if alone else f"{run.name}: ") + text, markup=False, highlight=False)

    early, late = run.halves
    say(f"failed: {early.failed} of {early.experiments} in the first half, {late.failed} of {late.experiments} later")
    if run.baseline is None:
        say("no kept row has a number: there is no baseline, and nothing can be compared with it")
    elif "baseline" not in run.log.experiments[run.baseline].description.lower():
        say(f"the first kept row, #{run.baseline}, is taken for the baseline, though it isn't called that")
    if run.since_last_keep >= plateau:
        say(f"plateau: {run.since_last_keep} experiments since the last keep, {plateau} or more are one")
