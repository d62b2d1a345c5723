"""numpy_slices: views instead of copies, a halo for the wrap, and every result written in place.

`numpy_roll` spends its time on making things: shifted copies and temporaries by the dozen. None of it is
necessary. A shifted board already lies in memory, it is the same bytes seen from another start, so a slice,
which copies nothing, will do. And a ufunc that is given a place for its result, `np.add(a, b, out)`, allocates
nothing. Here all arrays are made once per match, together with all views of them; a generation is fifteen
calls on views that exist.

Slices don't wrap, so the torus needs help. Above the first row lies a copy of the last one, below the last a
copy of the first: a halo, renewed in every generation. Apart from that the board is one long line of bytes. Its
upper neighbors are the line from one row earlier, its left neighbors the line from one byte earlier, and each
call is a single loop over everything, which is what vector instructions like. Only at the two ends of a row is
the byte next door the wrong one, and two small calls put these columns right.

There is also less to do. The sum over three rows is made once and serves as left and as right neighbor, so four
additions do the work of eight. The planes hold all live cells and team 1's, since team 2 is what remains. The
rule is five calls, and its comparisons write their 0 or 1 straight into the board.

What it costs: one thinks in bytes and offsets instead of rows and columns, and the board is overwritten while
it is still being read, so the order of the calls matters. What remains is traffic: each call streams the whole
board through the cache for one operation per byte, and none of them can be merged with the next.

To try: the same views in two dimensions; one call without its `out`; uint16; halo columns in each row instead
of the two columns put right, and what that does to counting.
"""

import numpy as np

from variants import match


def load(s1, s2, rows, columns):
    """Return the board, uint8 of shape (2, rows + 2, columns): 1 where any cell, a cell of team 1, is alive.

    The first and the last row of each plane are its halo.
    """
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    planes = np.zeros((2, rows + 2, columns), np.uint8)
    alive, team1 = planes.reshape(2, -1)[:, columns:-columns]
    alive[cells1] = alive[cells2] = team1[cells1] = 1
    return planes


def tie_limits(rows, columns):
    """Return flat the number of neighbors from which on a cell can't see a tie that goes to team 1: 3 or 0."""
    y, x = np.ogrid[:rows, :columns]
    return np.where(x % 2 == y % 2, 3, 0).astype(np.uint8).ravel()


def make_step(planes):
    """Return a function that plays a generation on `planes` and returns the live cells of team 1 and of team 2."""
    rows, columns = planes.shape[1] - 2, planes.shape[2]
    size = rows * columns
    limits = tie_limits(rows, columns)
    three = np.array(3, np.uint8)  # converted once, not in every generation

    top_halo, top, bottom, bottom_halo = (planes[:, y] for y in (0, 1, -2, -1))
    line = planes.reshape(-1)
    above, center, below = line[: -2 * columns], line[columns:-columns], line[2 * columns :]
    alive, team1 = center[:size], center[-size:]
    alive_bool, team1_bool = alive.view(bool), team1.view(bool)

    # Both planes lie in these lines, and between them two rows of nonsense where one's halo meets the other's.
    above_below, column_sums, neighbors = (np.empty_like(center) for _ in range(3))
    left, right, inner = column_sums[:-2], column_sums[2:], neighbors[1:-1]
    first, second, last_but_one, last = (column_sums.reshape(-1, columns)[:, x] for x in (0, 1, -2, -1))
    neighbors_first, neighbors_last = (neighbors.reshape(-1, columns)[:, x] for x in (0, -1))
    near, near1 = neighbors[:size], neighbors[-size:]

    limit = np.empty_like(alive)
    limit_bool = limit.view(bool)
    add, equal, greater, greater_equal = np.add, np.equal, np.greater, np.greater_equal
    bitwise_and, bitwise_or, count_nonzero = np.bitwise_and, np.bitwise_or, np.count_nonzero

    def count_neighbors():
        top_halo[:] = bottom
        bottom_halo[:] = top
        add(above, below, above_below)
        add(above_below, center, column_sums)
        add(left, right, inner)
        add(last, second, neighbors_first)
        add(last_but_one, first, neighbors_last)
        add(neighbors, above_below, neighbors)

    def step():
        count_neighbors()
        # Only 3 | 0, 3 | 1 and 2 | 1 make 3: B3/S23 in one comparison.
        bitwise_or(near, alive, alive)
        equal(alive, three, alive_bool)
        # Among two or three neighbors team 1 needs more than one, but only one where a tie of 1 : 1 is its own.
        greater_equal(near, limits, limit_bool)
        greater(near1, limit, team1_bool)
        bitwise_and(team1, alive, team1)
        count1 = int(count_nonzero(team1_bool))
        return count1, int(count_nonzero(alive_bool)) - count1

    return step


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    planes = load(s1, s2, rows, columns)
    alive, count1 = (int(np.count_nonzero(plane[1:-1])) for plane in planes)
    return match.play(make_step(planes), (count1, alive - count1), time_limit_s, checkpoint_callback)
