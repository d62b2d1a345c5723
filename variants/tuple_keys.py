"""tuple_keys: a dead neighbor is known by the tuple (x, y), not by the text "x,y".

For each dead cell near live ones the baseline counts how many they are, in a dict whose keys are strings. That
is a habit from languages where only strings can be keys. It means turning two numbers into decimal digits and
joining them, for every dead neighbor of every live cell, and for every birth splitting and parsing them again.
A tuple serves as a key just as well. It holds the two numbers as they are: making it is one cheap allocation,
taking it apart costs next to nothing.

Why the gain is modest: the baseline's time goes into walking through lists, and keys are the smaller part of
what remains. And a string is not such a bad key once it is made. It remembers its hash, where a tuple computes
it anew for each look-up (until Python 3.14); two strings are compared as memory, two tuples element by element.
So `dict.get` hardly gets faster, and `dead.remove`, which compares with one after the other, gets slower.

What it costs: nothing; the conversions just disappear.

Reading the board and watching for victory have moved into match.py, where all rungs from here on find them.

To try: time making a key, looking it up and finding it in a list of eight, each with strings and with tuples;
cProfile on this program and on the baseline, and see which functions got faster; PyPy.
"""

from variants import match


class Life:
    """One match: the board, and how it goes on."""

    def __init__(self, s1, s2, rows, columns):
        self.rows = rows
        self.columns = columns
        self.all_cells = []
        self.team1_cells = []
        self.team2_cells = []
        cells1, cells2 = match.parse(s1, s2, rows, columns)
        self.load_team(cells1, self.team1_cells)
        self.load_team(cells2, self.team2_cells)

    def load_team(self, cells, team_cells):
        """Add cells given as numbers y * columns + x."""
        for cell in cells:
            y, x = divmod(cell, self.columns)
            self.add_cell(x, y, self.all_cells)
            self.add_cell(x, y, team_cells)

    def is_alive(self, x, y, cells):
        """Look a cell up in a row list."""
        x = x % self.columns
        y = y % self.rows
        for row in cells:
            if row[0] == y:
                for i in range(1, len(row)):
                    if row[i] == x:
                        return True
                return False
        return False

    def add_cell(self, x, y, cells):
        """Insert a cell into a row list, keeping it sorted."""
        x = x % self.columns
        y = y % self.rows
        for i in range(len(cells)):
            row = cells[i]
            if row[0] == y:
                for j in range(1, len(row)):
                    if row[j] == x:
                        return
                    if row[j] > x:
                        row.insert(j, x)
                        return
                row.append(x)
                return
            if row[0] > y:
                cells.insert(i, [y, x])
                return
        cells.append([y, x])

    def get_color(self, x, y):
        """The team (1 or 2) of a live cell, 0 for a dead one."""
        if self.is_alive(x, y, self.team1_cells):
            return 1
        if self.is_alive(x, y, self.team2_cells):
            return 2
        return 0

    def get_neighbors(self, x, y):
        """Look around a live cell: how many live neighbors of each team, and the (x, y) of every dead one."""
        near_columns = [(x - 1) % self.columns, x % self.columns, (x + 1) % self.columns]
        near_rows = [(y - 1) % self.rows, y % self.rows, (y + 1) % self.rows]
        dead = []
        for ny in near_rows:
            for nx in near_columns:
                if nx != x or ny != y:
                    dead.append((nx, ny))
        team1 = 0
        team2 = 0
        for row in self.all_cells:
            if row[0] in near_rows:
                for nx in row[1:]:
                    if nx in near_columns and (nx != x or row[0] != y):
                        dead.remove((nx, row[0]))
                        if self.get_color(nx, row[0]) == 1:
                            team1 += 1
                        else:
                            team2 += 1
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
        for row in self.all_cells:
            y = row[0]
            for x in row[1:]:
                team1, team2, dead = self.get_neighbors(x, y)
                if team1 + team2 == 2 or team1 + team2 == 3:
                    alive_next.append((x, y, self.next_color(x, y, team1, team2)))
                color = self.get_color(x, y)
                for key in dead:
                    dead_neighbors[key] = dead_neighbors.get(key, 0) + 1
                    if color == 1:
                        dead_neighbors1[key] = dead_neighbors1.get(key, 0) + 1
        for key, live in dead_neighbors.items():
            if live == 3:
                x, y = key
                team1 = dead_neighbors1.get(key, 0)
                alive_next.append((x, y, self.next_color(x, y, team1, live - team1)))

        self.all_cells = []
        self.team1_cells = []
        self.team2_cells = []
        for x, y, color in alive_next:
            self.add_cell(x, y, self.all_cells)
            self.add_cell(x, y, self.team1_cells if color == 1 else self.team2_cells)
        return self.counts()

    def counts(self):
        """Live cells of team 1 and of team 2."""
        return count_cells(self.team1_cells), count_cells(self.team2_cells)


def count_cells(cells):
    total = 0
    for row in cells:
        total += len(row) - 1
    return total


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    life = Life(s1, s2, rows, columns)
    return match.play(life.step, life.counts(), time_limit_s, checkpoint_callback)
