"""The command `ladder`: its subcommands, and how errors reach the user."""

import signal
import sys
from typing import Any

import typer

from autoresearch import bench
from ladder.commands import analyze, export, floors, judge, replay, report, run, show, threads
from ladder.console import progress
from ladder.errors import LadderError

# The common base of what typer raises about a command line, which it exports under no name of its own.
USAGE_ERROR: Any = typer.BadParameter.__base__

app = typer.Typer(
    help="Measure the ladder of variants, show it, and place a program on it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def ladder() -> None:
    """Measure the ladder of variants, show it, and place a program on it."""


app.command("run")(run.command)
app.command("show")(show.command)
app.command("report")(report.command)
app.command("floors")(floors.command)
app.command("threads")(threads.command)
app.command("judge")(judge.command)
app.command("analyze")(analyze.command)
app.command("export")(export.command)
app.command("replay")(replay.command)


def main() -> None:
    """Run the command; errors that are no bugs become one line and the exit status of their kind, usually 2."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = app(standalone_mode=False)
    except USAGE_ERROR as error:
        fail(error.format_message(), 2)
    except LadderError as error:
        fail(str(error), 2)
    except bench.Failure as failure:
        fail(f"{failure.verdict}: {failure.reason}", failure.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 2)
    sys.exit(status or 0)


def fail(reason: str, status: int) -> None:
    # The reason is empty where no subcommand was named and the help has been shown instead.
    if reason:
        progress.print(f"ladder: {reason}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
