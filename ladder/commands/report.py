"""`ladder report`: draw everything from a recorded run, or check that it is up to date."""

from pathlib import Path
from typing import Annotated

import typer

from ladder import results as records
from ladder.console import output, progress
from ladder.report import find_stale, write_report


def command(
    run: Annotated[Path, typer.Argument(help="The recorded run (default: bench_results/reference.json)")] = (
        records.REFERENCE
    ),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if anything is stale.")] = False,
) -> None:
    """Draw the charts, README's table and the lessons from the reference run.

    Examples:

      ladder report

      ladder report --check
    """
    if not check:
        for path in write_report(run):
            output.print(f"wrote {path}", highlight=False, soft_wrap=True, markup=False)
        return
    stale = find_stale(run)
    for line in stale:
        progress.print(f"ladder: stale: {line}; run `ladder report`", highlight=False, soft_wrap=True, markup=False)
    if stale:
        raise typer.Exit(1)
    output.print("README, lessons and charts say what the reference run says")
