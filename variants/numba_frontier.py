"""numba_frontier: the list of live cells, compiled.

The idea is that of `flat_grid`: live cells scatter counts into a flat grid of bytes, and only their neighborhoods
are looked at. It costs by the live cell, not by the board. Compiled, a live cell costs some fifty times what a cell of
`numba_dense` does, and that pays as soon as fewer than one in fifty is alive. Vector instructions are of no use here,
since the next byte is wherever the next cell is. What counts instead:

- No branch that goes now this way, now that; a processor guesses, and one wrong guess costs as much as ten bytes
  looked at. So every cell looked at is written to the end of the new list, and the end moves on by 0 or 1. Dead
  ones are overwritten by whoever is next. Only the branch for cells at the edge is real: it is rarely taken.
- Few stores. Looking at a byte clears it, so the grid is ready for the next generation, and a cell reached from
  several neighbors is taken once. The list of cells holds the color too, as the sign.
- A byte holds all that decides: bit 0, the cell's own life, then how many neighbors, then by how many team 1 is
  ahead. Two tables of 256 entries make the rule of it. A tie can only befall a cell that is alive already, so
  where ties go to team 2, a cell's own mark puts team 1 one behind, and then a byte's top bit is its color.
- Rows of odd length: then the checkerboard is the parity of the flat index, and nobody divides.

What it costs: it is quick on boards with few live cells and slow on crowded ones, so its speed changes during a
match; the order of the list becomes random to the eye, and on boards larger than the cache every access is a miss.
And the program has become C in Python's clothes: unsigned indices, since a signed one is tested for being negative.

To try: gliders on a large board, then random soup; a branch in place of the moving end; signed indices.
"""

import numpy as np

from variants import match, match_jit
from variants.match_jit import jit

ALIVE, NEIGHBOR, LEAD = 1, 2, 16  # what is added to a byte of the grid
TEAM1 = np.uint8(NEIGHBOR + LEAD)
TEAM2 = np.uint8(NEIGHBOR - LEAD + 256)
TEAM2_SIGN = np.int32(-(2**31))
INDEX = 2**31 - 1

TOP, BOTTOM, LEFT, RIGHT = 1, 2, 4, 8
unsigned = np.uint64

# The rule, as tables over the bytes of the grid: whether a cell lives, and with which sign it is listed.
_near = np.arange(256) // NEIGHBOR % 8
LIVES = ((_near == 3) | (_near == 2) & (np.arange(256) % 2 == ALIVE)).astype(np.uint8)
SIGN = np.where(np.arange(256) < 128, 0, TEAM2_SIGN).astype(np.int32)


def load(s1, s2, rows, columns):
    """Return the list of live cells, y * pitch + x, int32, team 2's with the sign bit, the pitch and both counts.

    The list is as long as it can get, and by one more, as its end is written to.
    """
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    pitch = columns | 1
    y, x = np.divmod(np.array(cells1 + cells2, np.int32), columns)
    cells = np.empty(rows * columns + 1, np.int32)
    cells[: len(y)] = y * pitch + x
    cells[len(cells1) : len(y)] |= TEAM2_SIGN
    return cells, pitch, (len(cells1), len(cells2))


def find_edges(rows, columns, pitch):
    """Return flat at which edges of the board a cell lies, a sum of TOP, BOTTOM, LEFT, RIGHT; mostly 0."""
    edges = np.zeros((rows, pitch), np.uint8)
    edges[0] += TOP
    edges[-1] += BOTTOM
    edges[:, 0] += LEFT
    edges[:, columns - 1] += RIGHT
    return edges.ravel()


@jit
def neighbor_offsets(edge, rows, columns, pitch):
    """Return what leads up, down, left and right from a cell, around the torus if it lies at an edge."""
    up, down, left, right = -pitch, pitch, -1, 1
    if edge:
        if edge & TOP:
            up += rows * pitch
        if edge & BOTTOM:
            down -= rows * pitch
        if edge & LEFT:
            left += columns
        if edge & RIGHT:
            right -= columns
    return unsigned(up), unsigned(down), unsigned(left), unsigned(right)


@jit
def count_neighbors(cells, count, grid, edges, rows, columns, pitch):
    """Add the first `count` cells to the grid, where they are and all around."""
    for k in range(count):
        cell = cells[k]
        center = unsigned(cell & INDEX)
        up, down, left, right = neighbor_offsets(edges[center], rows, columns, pitch)
        team = TEAM1 if cell >= 0 else TEAM2
        for middle in (center + up, center + down):
            grid[middle + left] += team
            grid[middle] += team
            grid[middle + right] += team
        grid[center + left] += team
        grid[center] += ALIVE - LEAD * (center & unsigned(1))
        grid[center + right] += team


@jit
def collect(cells, count, found, grid, edges, rows, columns, pitch):
    """List in `found` the cells that live on or are born, clear the grid, and return how many they are."""
    end = unsigned(0)
    for k in range(count):
        center = unsigned(cells[k] & INDEX)
        up, down, left, right = neighbor_offsets(edges[center], rows, columns, pitch)
        for middle in (center + up, center, center + down):
            first, last = middle + left, middle + right
            near_first, near_middle, near_last = grid[first], grid[middle], grid[last]
            grid[first] = grid[middle] = grid[last] = 0
            found[end] = np.int32(first) | SIGN[near_first]
            end += unsigned(LIVES[near_first])
            found[end] = np.int32(middle) | SIGN[near_middle]
            end += unsigned(LIVES[near_middle])
            found[end] = np.int32(last) | SIGN[near_last]
            end += unsigned(LIVES[near_last])
    return np.int64(end)


@jit
def count_team2(cells, count):
    count2 = 0
    for k in range(count):
        count2 += cells[k] < 0
    return count2


@jit
def play_stretch(n, cells, count, found, grid, edges, rows, columns, pitch, window):
    """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
    count2 = 0
    for played in range(1, n + 1):
        count_neighbors(cells, count, grid, edges, rows, columns, pitch)
        count = collect(cells, count, found, grid, edges, rows, columns, pitch)
        cells, found = found, cells
        count2 = count_team2(cells, count)
        if match_jit.is_won(window, count - count2, count2):
            return played, count - count2, count2, True
    return n, count - count2, count2, False


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    cells, pitch, counts = load(s1, s2, rows, columns)
    count = sum(counts)
    found = np.empty_like(cells)
    grid = np.zeros(rows * pitch, np.uint8)
    edges = find_edges(rows, columns, pitch)
    window = match_jit.start_victory(*counts)

    def advance(n):
        nonlocal cells, found, count
        result = play_stretch(n, cells, count, found, grid, edges, rows, columns, pitch, window)
        played, count1, count2, _ = result
        count = count1 + count2
        if played % 2:
            cells, found = found, cells
        return result

    return match.play_stretches(advance, counts, time_limit_s, checkpoint_callback)
