"""Boards from the course of a match, so that a slow program can be measured on all of its length.

The matches are played by a dense rung. Should it be wrong, these would merely be other boards: whoever plays on from
them is judged by the oracle. Only on boards too large for that, the dense rung has the last word.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autoresearch import bench
from variants import match, numpy_slices


class Start(NamedTuple):
    """A board, and for how many generations it can be played: to its match's end, by length or by victory."""

    board: bench.Board
    left: int


def find_starts(workload: bench.Workload, key: bytes, count: int) -> list[Start]:
    """Take boards from `count` matches at generations spread evenly over a match, the first one random.

    Where a match is won before that generation, its place stays empty, as it would in a run over whole matches.
    """
    stream = bench.Stream(key, "starts")
    shift = stream.random()
    starts = []
    for i in range(count):
        at = int((i + shift) / count * workload.generations)
        start = play_to(workload.make(stream), at, workload.generations)
        if start:
            starts.append(start)
    return starts or [Start(workload.make(stream), workload.generations)]


def count_at(board: bench.Board, generation: int) -> bench.Counts:
    """The live cells of both teams at a generation of a match, for boards that take the oracle too long."""
    planes = numpy_slices.load(board.s1, board.s2, board.rows, board.columns)
    if generation == 0:
        alive, team1 = (int(np.count_nonzero(plane)) for plane in planes[:, 1:-1])
        return team1, alive - team1
    step: Callable[[], bench.Counts] = numpy_slices.make_step(planes)
    for _ in range(generation):
        counts = step()
    return counts


def play_to(board: bench.Board, generation: int, end: int) -> Start | None:
    """The board of a match at a generation; None where it is over by then."""
    planes = numpy_slices.load(board.s1, board.s2, board.rows, board.columns)
    step: Callable[[], bench.Counts] = numpy_slices.make_step(planes)
    alive, team1 = planes[:, 1:-1]
    count1 = int(np.count_nonzero(team1))
    is_won: Callable[[int, int], bool] = match.Victory(count1, int(np.count_nonzero(alive)) - count1).is_won
    for _ in range(generation):
        if is_won(*step()):
            return None
    cells = [{(int(x), int(y)) for y, x in np.argwhere(team)} for team in (team1, alive ^ team1)]
    name = f"{board.name} from generation {generation}"
    # A match started here could be won 283 generations on at the earliest, whatever came before.
    return Start(bench.make_board(cells[0], cells[1], board.rows, board.columns, name), end - generation)
