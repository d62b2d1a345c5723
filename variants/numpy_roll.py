"""numpy_roll: the board as a dense array, and its neighbors as eight shifted copies of it.

Instead of asking of each cell who its neighbors are, move the whole board: shifted by one to the right, every
cell comes to lie where its right neighbor was. The sum of the eight shifted boards is the neighbor count of all
cells at once, and the rule is a handful of comparisons of whole arrays. `np.roll` wraps, so the torus comes for
free. This is the Game of Life that everybody writes first with numpy, and the whole of it fits on a screen.

Why it is faster: a generation is some forty calls into compiled loops, whatever the board. Cells are single
bytes, so a loop adds several dozen of them per instruction, and a call's fixed cost is shared by all of them.
Nothing is looked up, hashed or sorted. Three things make this version a good one of its kind. Both teams lie in
one array of shape (2, rows, columns), so that one roll shifts both. The rows above and below are shifted once
and then sideways from there, hence every roll runs along a single axis. And the elements are bytes, not the
eight-byte integers that numpy gives you unless told otherwise.

What disappoints: dead cells cost as much as live ones. The baseline's work grows with the population, this
one's with the area, so on a wide and empty board the sparse rungs catch up. And each roll makes a new array:
allocate, work out where to cut, copy two pieces. Far more time goes into these copies than into the sums.

What it costs: memory for every cell, and a board that can't grow. In readability, nothing.

To try: the eight-byte integers. Roll by `(1, 1)` over both axes instead of one after the other. Sum three rows
first and then three columns of these sums, which needs four rolls where this needs eight.
"""

import numpy as np

from variants import match


def load(s1, s2, rows, columns):
    """Return the board, uint8 of shape (2, rows, columns): 1 where a cell of team 1, of team 2, is alive."""
    teams = np.zeros((2, rows * columns), np.uint8)
    for team, cells in zip(teams, match.parse(s1, s2, rows, columns)):
        team[cells] = 1
    return teams.reshape(2, rows, columns)


def checkerboard(rows, columns):
    """Return 1 where a tie goes to team 1, 0 where it goes to team 2."""
    y, x = np.ogrid[:rows, :columns]
    return (x % 2 == y % 2).astype(np.uint8)


def count_neighbors(teams):
    """Return for every cell how many live neighbors it has of team 1 and of team 2."""
    above = np.roll(teams, 1, axis=1)
    below = np.roll(teams, -1, axis=1)
    neighbors = above + below
    for row in (above, teams, below):
        neighbors += np.roll(row, 1, axis=2)
        neighbors += np.roll(row, -1, axis=2)
    return neighbors


def next_generation(teams, checker):
    """Return the board one generation on."""
    near1, near2 = count_neighbors(teams)
    # Only 3 | 0, 3 | 1 and 2 | 1 make 3: B3/S23 in one comparison.
    alive = (near1 + near2 | teams[0] | teams[1]) == 3
    team1 = alive & (near1 + checker > near2)
    return np.array((team1, alive ^ team1)).view(np.uint8)


def count_cells(teams):
    """Return the live cells of team 1 and of team 2."""
    return tuple(int(np.count_nonzero(team)) for team in teams)


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    teams = load(s1, s2, rows, columns)
    checker = checkerboard(rows, columns)

    def step():
        nonlocal teams
        teams = next_generation(teams, checker)
        return count_cells(teams)

    return match.play(step, count_cells(teams), time_limit_s, checkpoint_callback)
