"""`ladder show`: the ladder as measured, or the lesson of one rung."""

import sys
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.table import Table

from ladder import results as records
from ladder.availability import BY_NAME, why_unavailable
from ladder.console import output
from ladder.errors import LadderError
from ladder.show import measured_gains, rung_diff, rung_docstring
from ladder.stats import Ratio, format_factor
from ladder.tables import format_interval, ladder_table
from variants import RUNGS, Rung


def complete_rung(incomplete: str) -> list[str]:
    return [rung.name for rung in RUNGS if rung.name.startswith(incomplete)]


def command(
    rung: Annotated[
        str | None, typer.Argument(help="The rung whose lesson to show (default: all)", autocompletion=complete_rung)
    ] = None,
    workload: Annotated[str, typer.Option(help="For the whole ladder: the kind of boards.")] = "domino",
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show the ladder as recorded in the reference run; or a rung's lesson: idea, diff against its parent, gains.

    Examples:

      ladder show

      ladder show numpy_slices
    """
    results = records.load(records.REFERENCE) if records.REFERENCE.exists() else None
    if rung is not None:
        if rung not in BY_NAME:
            raise LadderError(f"rung {rung!r}: expected one of {', '.join(BY_NAME)}")
        show_rung(BY_NAME[rung], results, as_json)
    elif as_json:
        rows = [{**item._asdict(), "unavailable": why_unavailable(item)} for item in RUNGS]
        sys.stdout.write(records.format_json(rows))
    elif results is None:
        raise LadderError(f"no reference run at {records.REFERENCE}: make one with `ladder run`")
    elif workload not in results.plan.workloads:
        expected = ", ".join(results.plan.workloads)
        raise LadderError(f"workload {workload!r}: expected one of the reference run's, {expected}")
    else:
        output.print(ladder_table(results, workload, output.width))


def show_rung(rung: Rung, results: records.Results | None, as_json: bool) -> None:
    gains = measured_gains(rung, results) if results else {}
    if as_json:
        lesson = {**rung._asdict(), "docstring": rung_docstring(rung), "diff": rung_diff(rung), "gains": gains}
        sys.stdout.write(records.format_json(lesson))
        return
    output.print(Markdown(f"# {rung.name}"))
    output.print(f"{rung.tool}: {rung.idea}", highlight=False)
    output.print(f"source: {rung.source}" + (f", played by {rung.interpreter}" if rung.interpreter else ""))
    output.print("")
    output.print(rung_docstring(rung), highlight=False, markup=False)
    diff = rung_diff(rung)
    if diff:
        output.print("")
        output.print(Syntax(diff, "diff", theme="ansi_dark", background_color="default", word_wrap=True))
    if gains:
        output.print(gains_table(gains))


def gains_table(gains: dict[str, dict[str, Ratio]]) -> Table:
    table = Table(title="Measured gains", title_justify="left")
    for column in ("workload", "over", "factor", "95% interval"):
        table.add_column(column, justify="right" if column in ("factor", "95% interval") else "left")
    for workload, ratios in gains.items():
        for other, ratio in ratios.items():
            table.add_row(workload, other, format_factor(ratio.value), format_interval(ratio))
    return table
