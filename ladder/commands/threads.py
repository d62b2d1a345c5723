"""`ladder threads`: where threads pay, from the command line."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ladder import results as records
from ladder import threads as scaling
from ladder.availability import check_cores, usable_cores
from ladder.console import output, progress
from ladder.errors import LadderError
from ladder.results import Results

DEFAULT_SIZES = ",".join(f"{rows}x{columns}" for rows, columns in scaling.SIZES)


def command(
    sizes: Annotated[str, typer.Option(help="Boards, ROWSxCOLUMNS, separated by commas.")] = DEFAULT_SIZES,
    cores: Annotated[
        int | None, typer.Option(min=1, help="Most threads; also 1, 2, 4, ... below it. (default: all cores)")
    ] = None,
    blocks: Annotated[int, typer.Option(min=1, max=1000, help="Rounds; 6 or more for intervals.")] = 8,
    output_file: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to keep the results. (default: bench_results/threads-TIME.json)"),
    ] = None,
) -> None:
    """Measure by board size what threads gain over one thread of the same kind.

    The largest boards take most of the time, since their text has to be read. Ctrl-C keeps the blocks that are done.

    Examples:

      ladder threads

      ladder threads --sizes 1024x1024,2048x2048 -o here.json
    """
    counts = thread_counts(check_cores(cores, default=usable_cores()))
    path = output_file or records.FOLDER / time.strftime("threads-%Y%m%dT%H%M%SZ.json", time.gmtime())
    if path.exists():
        raise LadderError(f"{path} exists already: name another file")
    wanted = list(dict.fromkeys(parse_size(text) for text in sizes.split(",")))

    def say(text: str) -> None:
        progress.print(text, highlight=False, markup=False, soft_wrap=True)

    try:
        results = scaling.measure_threads(wanted, counts, blocks, 0.5, path, say)
    except KeyboardInterrupt:
        say(f"interrupted: what was measured is kept in {path}")
        raise
    output.print(threads_table(results))
    output.print(f"results: {path}", highlight=False, soft_wrap=True, markup=False)


def thread_counts(most: int) -> list[int]:
    """1, 2, 4, ..., and the most.

    >>> thread_counts(1), thread_counts(6), thread_counts(8)
    ([1], [1, 2, 4, 6], [1, 2, 4, 8])
    """
    return sorted({1 << i for i in range(most.bit_length())} | {most})


def parse_size(text: str) -> tuple[int, int]:
    """Read ROWSxCOLUMNS. Raises LadderError, naming what it isn't."""
    rows, _, columns = text.strip().partition("x")
    if not (rows.isdecimal() and columns.isdecimal() and min(int(rows), int(columns)) >= 3):
        raise LadderError(f"size {text.strip()!r}: expected ROWSxCOLUMNS, at least 3x3")
    return int(rows), int(columns)


def threads_table(results: Results) -> Table:
    """What `threads_rows` says, for a terminal."""
    heading, *rows = scaling.threads_rows(results)
    table = Table(title="Times as fast as the parent on one core", title_justify="left")
    table.add_column(heading[0], no_wrap=True)
    for title in heading[1:]:
        table.add_column(title, justify="right")
    for row in rows:
        table.add_row(*row)
    return table
