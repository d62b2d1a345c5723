"""The kinds of boards that rungs are measured on.

The small ones are the referee's own (`bench.py --workload NAME`). The large ones have too many cells for its
generator, and for a text to be parsed inside the measurement: there a rung's time is the difference of two lengths.
"""

from typing import NamedTuple

import numpy as np

from autoresearch import bench
from ladder.errors import LadderError

DENSITY = 0.375


class LadderWorkload(NamedTuple):
    """Boards of one kind.

    name         what it is called everywhere
    source       draws a board, and says how many generations a match has at most
    is_large     whether parsing takes so long that only differences of two lengths are measured
    anchor       the rung that speed-ups are relative to: row_list, or where that is too slow, numpy_roll
    about        one line for tables and charts
    """

    name: str
    source: bench.Workload
    is_large: bool
    anchor: str
    about: str

    @property
    def generations(self) -> int:
        return self.source.generations


def large_soup(side: int) -> bench.Workload:
    """Boards of side x side with every cell alive with the same probability, either team's with the same."""

    def make(stream: bench.Stream) -> bench.Board:
        generator = np.random.Generator(np.random.PCG64(stream.getrandbits(128)))
        # As many random bytes as cells: below 48 is team 1, from 48 to 95 team 2, hence 3 cells in 8 are alive.
        cells = generator.integers(0, 256, (side, side), np.uint8)
        half = int(256 * DENSITY) // 2
        texts = [write_rows(cells < half), write_rows((cells >= half) & (cells < 2 * half))]
        return bench.Board(texts[0], texts[1], side, side, f"soup {side} x {side}")

    return bench.Workload(f"soup_{side >> 10}k", make, 100_000)


def write_rows(alive: np.ndarray) -> str:
    """Write a Boolean array down as an initial condition: row -> columns."""
    rows = []
    for y, row in enumerate(alive):
        columns = np.flatnonzero(row)
        if columns.size:
            rows.append(f'{{"{y}":[{",".join(map(str, columns.tolist()))}]}}')
    return "[" + ",".join(rows) + "]"


WORKLOADS = {
    workload.name: workload
    for workload in (
        LadderWorkload("domino", bench.WORKLOADS["domino"], False, "row_list", "the metric: Domino-like matches"),
        LadderWorkload("soup", bench.WORKLOADS["soup"], False, "row_list", "150 x 240, 37.5% alive"),
        LadderWorkload("gliders", bench.WORKLOADS["gliders"], False, "row_list", "few cells that always move"),
        LadderWorkload("ash", bench.WORKLOADS["ash"], False, "row_list", "blocks and blinkers"),
        LadderWorkload("soup_1k", large_soup(1024), True, "numpy_roll", "1024 x 1024, 37.5% alive"),
        LadderWorkload("soup_8k", large_soup(8192), True, "numpy_roll", "8192 x 8192, 37.5% alive"),
    )
}


def find_workloads(text: str) -> list[LadderWorkload]:
    """Parse a comma-separated list of names, or `all`. Raises LadderError, naming what isn't known."""
    names = list(WORKLOADS) if text == "all" else [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in WORKLOADS:
            raise LadderError(f"workload {name!r}: expected one of {', '.join(WORKLOADS)}, or all")
    if not names:
        raise LadderError(f"workloads {text!r}: expected at least one of {', '.join(WORKLOADS)}, or all")
    return [WORKLOADS[name] for name in dict.fromkeys(names)]
