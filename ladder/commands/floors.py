"""`ladder floors`: what each rung may not fall below, from the command line."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ladder import floors as gate
from ladder import results as records
from ladder.console import output
from ladder.errors import LadderError
from ladder.stats import format_factor


def command(
    update: Annotated[bool, typer.Option("--update", help="Set the floors anew from a recorded run.")] = False,
    source: Annotated[Path, typer.Option(help="The recorded run.")] = records.REFERENCE,
    margin: Annotated[float, typer.Option(help="How far below the recorded ratio a floor lies.")] = gate.MARGIN,
) -> None:
    """Show the floors of `make regress`, or set them from a recorded run.

    Examples:

      ladder floors

      ladder floors --update

      ladder floors --update --source bench_results/run-20260101T000000Z.json --margin 0.2
    """
    if not 0 < margin < 1:
        raise LadderError(f"margin {margin}: expected a number between 0 and 1")
    if update:
        gate.save_floors(gate.make_floors(records.load(source), source.name, margin))
    floors = gate.load_floors()
    table = Table(title=f"Floors from {floors.source}, margin {floors.margin:.0%}, {floors.cpu}", title_justify="left")
    table.add_column("rung", no_wrap=True)
    table.add_column("anchor", no_wrap=True)
    table.add_column("recorded", justify="right")
    table.add_column("floor", justify="right")
    for name, floor in floors.floors.items():
        table.add_row(name, floor.anchor, format_factor(floor.recorded), format_factor(floor.floor))
    output.print(table)
    for line in gate.find_mismatches(floors.floors):
        output.print(line, style="yellow", highlight=False)
