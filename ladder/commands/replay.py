"""`ladder replay`: a scripted agent in a clean room, from the command line."""

import shlex
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status
from rich.text import Text

from ladder.commands import analyze
from ladder.console import output, progress
from ladder.export import check_room
from ladder.ideas import FULL, QUICK
from ladder.replay import replay

QUICK_BUDGET_S, QUICK_BLOCKS = 1.0, 6
BUDGET_S = 20.0


def command(
    quick: Annotated[bool, typer.Option("--quick", help="Five experiments and short measurements.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="The room, a new one or one to go on in. (default: a temporary folder)")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=1, max=1000, help="Seconds on the clock per experiment. (default: 20; quick: 1)")
    ] = None,
) -> None:
    """Go through program.md's loop with a scripted agent, to prove it from the setup to the chart.

    It makes a clean room and works there by the commands of program.md alone: it edits program.py, commits, measures,
    logs, keeps or resets. Among its ideas are rungs of the ladder, one that gains nothing, one that breaks the rule and
    one that crashes. The room is left with its results.tsv and a chart. Ctrl-C loses at most one experiment, and the
    same command with --dir goes on.

    Examples:

      ladder replay --quick

      ladder replay --dir ../replay --budget 180
    """
    room = (folder or Path(tempfile.gettempdir()) / time.strftime("replay-%Y%m%dT%H%M%SZ", time.gmtime())).resolve()
    budget_s = budget or (QUICK_BUDGET_S if quick else BUDGET_S)
    began = time.monotonic()
    try:
        with progress.status("starting") as status:
            replay(
                room,
                QUICK if quick else FULL,
                budget_s,
                QUICK_BLOCKS if quick else None,
                lambda text: say(f"{time.monotonic() - began:6.1f} s  {text}"),
                lambda: show_last_line(room / "run.log", status),
            )
    except KeyboardInterrupt:
        how = f"ladder replay{' --quick' if quick else ''} --dir {shlex.quote(str(room))}"
        say(f"interrupted: what was logged is kept; go on with: {how}" + (f" --budget {budget:g}" if budget else ""))
        raise
    analyze.command([room])
    check_room(room)
    output.print(f"room: {room}", highlight=False, soft_wrap=True, markup=False)


def say(text: str) -> None:
    progress.print(text, markup=False, highlight=False, soft_wrap=True)


def show_last_line(log: Path, status: Status) -> None:
    """Show on a terminal what the referee is at; its output goes into a file, as program.md has it."""
    if progress.is_terminal and log.exists():
        lines = log.read_text(errors="replace").split("\n")
        status.update(Text(lines[-2] if len(lines) > 1 else "starting", "dim"))
