"""`ladder export`: a clean room for an agent, from the command line."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ladder.console import output
from ladder.export import PROMPT, export_room


def command(
    room: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.", show_default=False)],
) -> None:
    """Make a clean room for an agent: the four files that it gets to see, and nothing about the ladder.

    The folder becomes a git repository of its own with one commit. A note in it tells how to start the agent. Put it
    where the agent can't reach this repository, which holds every answer.

    Example:

      ladder export ../agent-1
    """
    export_room(room)
    where = shlex.quote(str(room))

    def say(text: str) -> None:
        output.print(text, markup=False, highlight=False, soft_wrap=True)

    say(f"room: {room}")
    say(f"Its README.md tells what the agent needs. The first prompt:\n\n{PROMPT}\n")
    say(f"afterwards: git -C {where} reset -q --hard kept && ladder judge {where}")
    say(f"its run:    ladder analyze {shlex.quote(str(room / 'results.tsv'))}")
