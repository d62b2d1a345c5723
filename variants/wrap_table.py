"""wrap_table: the wrapped coordinates around a cell are looked up in a table, no modulo.

On a torus a neighbor's coordinate is taken modulo the length of the edge, though this makes a difference at two
places only, at the first and at the last coordinate. The parent divides for each of three columns around every
cell, for each of three rows around every row, and twice more whenever it adds a cell, whose coordinates are known to
be on the board. Here the three columns around x are worked out once per match for every x, and the three rows around
every y: two tables, as long as the board's edges. A look-up yields all three as a ready tuple, so that besides the
divisions a list is saved. As no other coordinates ever come up, `add_cell` can rely on them.

Why it disappoints: to the processor a division is expensive, but to the interpreter it is one step like any
other, and `(x - 1) % n` takes a handful of steps where a cell takes hundreds. Precomputing pays where what is
computed is a large part of the work, and here the large part is asking and counting. In compiled code, where a
division is among the slowest instructions there are, the same idea weighs much more.

What it costs: two short tables, and a rule that has to be kept in mind: from here on a coordinate that isn't
wrapped is an error, an IndexError at best.

To try: only the modulo in `add_cell` taken out; a table that yields for each cell all eight neighbors as tuples,
and what the garbage collector says to that many; a branch, `x + 1 if x + 1 < n else 0`, instead of the table.
"""

from variants import match


class Life:
    """One match: the board, and how it goes on."""

    def __init__(self, s1, s2, rows, columns):
        self.near_columns = find_near(columns)
        self.near_rows = find_near(rows)
        self.team1_cells = {}  # y -> the x of all cells in that row
        self.team2_cells = {}
        cells1, cells2 = match.parse(s1, s2, rows, columns)
        self.load_team(cells1, columns, self.team1_cells)
        self.load_team(cells2, columns, self.team2_cells)

    def load_team(self, cells, columns, team_cells):
        """Add cells given as numbers y * columns + x."""
        for cell in cells:
            y, x = divmod(cell, columns)
            self.add_cell(x, y, team_cells)

    def add_cell(self, x, y, cells):
        """Insert a cell into a dict of rows."""
        cells.setdefault(y, set()).add(x)

    def get_near_rows(self, y):
        """The row at y and those above and below it, each as its y and the cells of either team."""
        return [(ny, self.team1_cells.get(ny, ()), self.team2_cells.get(ny, ())) for ny in self.near_rows[y]]

    def get_neighbors(self, x, near_rows):
        """Look around: how many live cells of each team, one at the center too, and the (x, y) of every dead one."""
        near_columns = self.near_columns[x]
        dead = []
        team1 = 0
        team2 = 0
        for ny, row1, row2 in near_rows:
            for nx in near_columns:
                if nx in row1:
                    team1 += 1
                elif nx in row2:
                    team2 += 1
                else:
                    dead.append((nx, ny))
        return team1, team2, dead

    def next_color(self, x, y, team1, team2):
        """The team of a cell alive next that has so many live neighbors of each team."""
        if team1 > team2:
            return 1
        if team2 > team1:
            return 2
        return 1 if x % 2 == y % 2 else 2

    def step(self):
        """Play one generation; return the live cells of team 1 and of team 2."""
        alive_next = []
        dead_neighbors = {}
        dead_neighbors1 = {}
        for color, cells in (1, self.team1_cells), (2, self.team2_cells):
            for y, row in cells.items():
                near_rows = self.get_near_rows(y)
                for x in row:
                    team1, team2, dead = self.get_neighbors(x, near_rows)
                    if color == 1:
                        team1 -= 1  # the cell is no neighbor of its own
                    else:
                        team2 -= 1
                    if team1 + team2 == 2 or team1 + team2 == 3:
                        alive_next.append((x, y, self.next_color(x, y, team1, team2)))
                    for key in dead:
                        dead_neighbors[key] = dead_neighbors.get(key, 0) + 1
                        if color == 1:
                            dead_neighbors1[key] = dead_neighbors1.get(key, 0) + 1
        for key, live in dead_neighbors.items():
            if live == 3:
                x, y = key
                team1 = dead_neighbors1.get(key, 0)
                alive_next.append((x, y, self.next_color(x, y, team1, live - team1)))

        self.team1_cells = {}
        self.team2_cells = {}
        for x, y, color in alive_next:
            self.add_cell(x, y, self.team1_cells if color == 1 else self.team2_cells)
        return self.counts()

    def counts(self):
        """Live cells of team 1 and of team 2."""
        return count_cells(self.team1_cells), count_cells(self.team2_cells)


def find_near(length):
    """Return for every coordinate along an edge of the torus the three at and around it.

    >>> find_near(4)
    [(3, 0, 1), (0, 1, 2), (1, 2, 3), (2, 3, 0)]
    """
    return [((i - 1) % length, i, (i + 1) % length) for i in range(length)]


def count_cells(cells):
    return sum(map(len, cells.values()))


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    life = Life(s1, s2, rows, columns)
    return match.play(life.step, life.counts(), time_limit_s, checkpoint_callback)
