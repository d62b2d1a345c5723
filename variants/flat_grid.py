"""flat_grid: counts go into one flat bytearray beside the lists of live cells; nothing is hashed.

A dict is there to find things whose place isn't known. But a packed cell *is* a place: number y * columns + x of
a row of bytes, one for each cell of the board. To add to a count is to go there. Only, a grid doesn't know where
something has been put down, and looking through all of it would be a program for dense boards. So the lists of
live cells stay, and the work is still proportional to them: they scatter, and what they touch is looked at.

Both counts share a byte. A cell of team 2 adds 16, one of team 1 adds 17, so the upper half holds the number of
live neighbors and the lower half how many of these are of team 1.

Which cells touched have three live neighbors? A cell is noted each time its count becomes three or more. Counts
only grow, so one that ends at three has been noted once, and once only: nobody has to look through neighborhoods
again or to sort out doubles. Cells that live on with two neighbors are in the lists already.

Why CPython gains little: an update is now read, add, write, without any search, but in the interpreter's own
steps, where `Counter` took none. Being interpreted costs about as much as hashing did. PyPy compiles the loop to
a handful of instructions for each neighbor, and there the grid is several times as fast as the parent. So whether
a data structure is good depends on who runs it.

What it costs: memory for each cell of the board, and clearing it in each generation; numbers with a meaning
in their digits.

To try: both rungs on PyPy; the inner loop unrolled into eight statements, which helps one interpreter and not
the other, as does a list in place of the bytearray; `translate` and `find` on the whole grid instead of noting
cells, a dense board's way that CPython does in C.
"""

from variants import match

NEIGHBOR, OF_TEAM1 = 16, 1  # a byte from 32 to 34 says two neighbors, one from 48 to 51 three


class Life:
    """One match: the board, and how it goes on."""

    def __init__(self, s1, s2, rows, columns):
        self.size = rows * columns
        self.neighbors = find_neighbors(rows, columns)
        self.lost_ties = find_lost_ties(rows, columns)
        self.team1_cells, self.team2_cells = match.parse(s1, s2, rows, columns)

    def count_neighbors(self, grid, cells, value):
        """Add `value` to the grid at all neighbors of these cells; list those that then have three or more."""
        neighbors = self.neighbors
        crowded = []
        for cell in cells:
            for neighbor in neighbors[cell]:
                grid[neighbor] = count = grid[neighbor] + value
                if count >= 48:
                    crowded.append(neighbor)
        return crowded

    def step(self):
        """Play one generation; return the live cells of team 1 and of team 2."""
        grid = bytearray(self.size)
        crowded = self.count_neighbors(grid, self.team1_cells, NEIGHBOR + OF_TEAM1)
        crowded += self.count_neighbors(grid, self.team2_cells, NEIGHBOR)
        lost_ties = self.lost_ties
        next1 = []
        next2 = []
        for cell in crowded:
            count = grid[cell]
            if count < 64:  # no more than three neighbors
                if count >= 50:  # two or three of them are of team 1
                    next1.append(cell)
                else:
                    next2.append(cell)
        for cells in self.team1_cells, self.team2_cells:
            for cell in cells:
                count = grid[cell]
                if 32 <= count < 48:
                    if count - 32 > lost_ties[cell]:  # one of two is enough where a tie is won, else it takes both
                        next1.append(cell)
                    else:
                        next2.append(cell)
        self.team1_cells = next1
        self.team2_cells = next2
        return self.counts()

    def counts(self):
        """Live cells of team 1 and of team 2."""
        return len(self.team1_cells), len(self.team2_cells)


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
