"""neighbor_counts: live cells scatter counts into two dicts, whose keys are packed integers.

The parent deals with live cells and dead ones in two different ways: around a live cell it asks nine times who
is there, for the dead ones it counts who has asked. But counting alone will do. Let every live cell tell its
eight neighbors "one more", and afterwards each place next to a live cell knows how many live neighbors it has,
alive or dead. Nobody asks any more. One count is made of all cells, another of team 1's only, which tells the
colors. The rule is then a few comprehensions, close to how one would say it.

Three things make it fast. A cell is one number, y * columns + x: an integer is its own hash, a tuple's is
computed from its elements. The table of the parent now leads from a cell to all eight neighbors at once, and
nothing is computed that could be looked up. And the loop that counts isn't there: `map` fetches the neighbors
of each cell, `chain` strings them together, and `Counter` counts them, each written in C, so no step of the
interpreter is taken per neighbor. A smaller thing: the table contains each number as one object, however often
it occurs. A dict that finds a key to be the very same object needn't compare the two.

What it costs: the table has an entry for each cell of the board, alive or not. And how a cell is stored shows
everywhere; packed numbers are no good for a board without limits.

What remains: some eight updates of a dict per live cell, and each has to hash, to search, to add and to store.
On PyPy, which compiles a plain loop but sees `Counter` as one more program to run, the gain is smaller.

To try: the loop written out, `near[n] = near.get(n, 0) + 1`, on both interpreters; both counts in one dict, a
cell of team 1 adding 17 and one of team 2 adding 1; a table made of numbers that aren't shared; (x, y) as keys.
"""

from collections import Counter
from itertools import chain

from variants import match


class Life:
    """One match: the board, and how it goes on."""

    def __init__(self, s1, s2, rows, columns):
        self.neighbors = find_neighbors(rows, columns)
        self.lost_ties = find_lost_ties(rows, columns)
        self.team1_cells, team2_cells = match.parse(s1, s2, rows, columns)
        self.all_cells = self.team1_cells + team2_cells

    def count_neighbors(self, cells):
        """Return for every cell next to some of these how many they are."""
        return Counter(chain.from_iterable(map(self.neighbors.__getitem__, cells)))

    def step(self):
        """Play one generation; return the live cells of team 1 and of team 2."""
        live = self.count_neighbors(self.all_cells)
        get_live = live.get  # a Counter's own way to say 0 is slow
        get_team1 = self.count_neighbors(self.team1_cells).get
        lost_ties = self.lost_ties

        with_three = [cell for cell, count in live.items() if count == 3]
        with_two = [cell for cell in self.all_cells if get_live(cell) == 2]
        self.all_cells = with_three + with_two
        self.team1_cells = [cell for cell in with_three if get_team1(cell, 0) > 1]
        # Of two neighbors one is enough where team 1 wins ties; where it loses them, it takes both.
        self.team1_cells += [cell for cell in with_two if get_team1(cell, 0) > lost_ties[cell]]
        return self.counts()

    def counts(self):
        """Live cells of team 1 and of team 2."""
        count1 = len(self.team1_cells)
        return count1, len(self.all_cells) - count1


def find_neighbors(rows, columns):
    """Return for every cell y * columns + x its eight neighbors on the torus.

    >>> find_neighbors(3, 4)[0]
    (11, 8, 9, 3, 1, 7, 4, 5)
    """
    cells = list(range(rows * columns))
    lines = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    # Each line moved on by one, its last cell in front: at place x of left[y] is the cell to the left of (x, y).
    left = [line[-1:] + line[:-1] for line in lines]
    right = [line[1:] + line[:1] for line in lines]
    neighbors = []
    for y in range(rows):
        up, down = y - 1, (y + 1) % rows
        # One from each of eight lines; row -1 is the last one.
        neighbors += zip(left[up], lines[up], right[up], left[y], right[y], left[down], lines[down], right[down])
    return neighbors


def find_lost_ties(rows, columns):
    """Return for every cell 1 where a tie goes to team 2, 0 where it goes to team 1."""
    return bytes(x % 2 != y % 2 for y in range(rows) for x in range(columns))


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    life = Life(s1, s2, rows, columns)
    return match.play(life.step, life.counts(), time_limit_s, checkpoint_callback)
