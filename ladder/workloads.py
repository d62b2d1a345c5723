"""The kinds of boards that rungs are measured on.

Domino, gliders and ash are the referee's own (`bench.py --workload NAME`). A soup has so many cells that reading its
text takes a fast rung longer than playing it: there a rung's time is the difference of two lengths.
"""

from typing import NamedTuple

import numpy as np

from autoresearch import bench
from ladder.errors import LadderError
from ladder.stats import FEWEST_BLOCKS

DENSITY = 0.375
HUGE = 10_000_000  # cells


class LadderWorkload(NamedTuple):
    """Boards of one kind.

    name          what it is called everywhere
    source        draws a board, and says how many generations a match has at most
    rows, columns
    with_loading  whether reading the board is part of the time, as in the metric; else only playing is
    anchor        the rung that speed-ups are relative to: row_list, or where that is too slow, numpy_slices
    about         one line for tables and charts
    """

    name: str
    source: bench.Workload
    rows: int
    columns: int
    with_loading: bool
    anchor: str
    about: str

    @property
    def generations(self) -> int:
        return self.source.generations

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    @property
    def is_large(self) -> bool:
        """Whether a turn has but one board: drawing and reading it takes so long."""
        return self.cells > 10 * bench.ROWS * bench.COLUMNS

    def blocks(self, planned: int) -> int:
        """How many of the planned blocks are played: boards that take minutes per block get just enough of them."""
        return min(planned, FEWEST_BLOCKS) if self.cells > HUGE else planned

    @property
    def smaller(self) -> list["LadderWorkload"]:
        """The workloads of the same kind with fewer cells."""
        return [w for w in WORKLOADS.values() if w.name.startswith("soup") and w.cells < self.cells]


def random_soup(name: str, rows: int, columns: int, generations: int) -> bench.Workload:
    """Boards with every cell alive with the same probability, and then of either team with the same."""

    def make(stream: bench.Stream) -> bench.Board:
        generator = np.random.Generator(np.random.PCG64(stream.getrandbits(128)))
        # As many random bytes as cells: below 48 is team 1, from 48 to 95 team 2, hence 3 cells in 8 are alive.
        cells = generator.integers(0, 256, (rows, columns), np.uint8)
        half = int(256 * DENSITY) // 2
        texts = [write_rows(cells < half), write_rows((cells >= half) & (cells < 2 * half))]
        return bench.Board(texts[0], texts[1], rows, columns, name)

    return bench.Workload(name, make, generations)


def write_rows(alive: np.ndarray) -> str:
    """Write a Boolean array down as an initial condition: row -> columns."""
    rows = []
    for y, row in enumerate(alive):
        columns = np.flatnonzero(row)
        if columns.size:
            rows.append(f'{{"{y}":[{",".join(map(str, columns.tolist()))}]}}')
    return "[" + ",".join(rows) + "]"


def _refereed(name: str, about: str) -> LadderWorkload:
    return LadderWorkload(name, bench.WORKLOADS[name], bench.ROWS, bench.COLUMNS, True, "row_list", about)


def _soup(name: str, rows: int, columns: int, generations: int, anchor: str) -> LadderWorkload:
    source = random_soup(name, rows, columns, generations)
    return LadderWorkload(name, source, rows, columns, False, anchor, f"{rows} x {columns}, 37.5% alive")


WORKLOADS = {
    workload.name: workload
    for workload in (
        _refereed("domino", "the metric: Domino-like matches"),
        _soup("soup", bench.ROWS, bench.COLUMNS, 1000, "row_list"),
        _refereed("gliders", "few cells that always move"),
        _refereed("ash", "blocks and blinkers"),
        _soup("soup_1k", 1024, 1024, 100_000, "numpy_slices"),
        _soup("soup_8k", 8192, 8192, 100_000, "numpy_slices"),
    )
}


# Live counts of one board of each kind, `truth_board(name)`, on which at least two independent rungs agree, and on the
# small ones the oracle.
TRUTH: dict[str, dict[int, bench.Counts]] = {
    "domino": {0: (60, 60), 1: (72, 72), 10: (129, 146), 100: (212, 350), 1000: (191, 91)},
    "soup": {0: (6668, 6857), 1: (6517, 6848), 10: (4087, 4020), 100: (2049, 1655), 1000: (911, 658)},
    "gliders": {0: (60, 60), 1: (60, 60), 10: (60, 60), 100: (60, 60), 1000: (60, 60)},
    "ash": {0: (42, 42), 1: (42, 42), 10: (42, 42), 100: (42, 42), 1000: (42, 42)},
    "soup_1k": {0: (196457, 196361), 1: (194289, 193738), 10: (120796, 119143), 100: (48759, 50275)},
    "soup_8k": {0: (12579141, 12587141), 1: (12395587, 12407073), 4: (9572526, 9594837)},
}


def truth_board(name: str) -> bench.Board:
    """The board that `TRUTH` is about."""
    return WORKLOADS[name].source.make(bench.Stream(b"truth", name))


def find_workloads(text: str) -> list[LadderWorkload]:
    """Parse a comma-separated list of names, or `all`. Raises LadderError, naming what isn't known."""
    names = list(WORKLOADS) if text == "all" else [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in WORKLOADS:
            raise LadderError(f"workload {name!r}: expected one of {', '.join(WORKLOADS)}, or all")
    if not names:
        raise LadderError(f"workloads {text!r}: expected at least one of {', '.join(WORKLOADS)}, or all")
    return [WORKLOADS[name] for name in dict.fromkeys(names)]
