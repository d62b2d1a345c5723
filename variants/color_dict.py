"""color_dict: a dict from live cell to team, so a cell's color is one look-up.

The baseline asks for the color of every live neighbor of every live cell, and each time goes through the rows
of team 1 from the top, in the matching row through its cells, and if the cell isn't there, through the rows of
team 2 likewise. The work for a single question grows with the number of rows in use, so that of a generation, on a
board that grows, with the square of the live cells. A dict answers the same question in one step, however many
cells there are: the key's hash says where to look.

With it two of the three row lists disappear. A dict of all live cells and their teams contains what both teams'
lists contained, and need not be kept sorted, so half of the insertions are saved on top. The cells alive next are
collected in this very form, and handed over as they are. `is_alive` and `get_color` are gone.

What it costs: the board is now stored twice, as rows and as a dict, and both must agree. (The rows still say
which cells are near. That the dict knows this too is a thought for the next rung.)

What remains: per live cell one walk through all rows, to find three of them, and another to insert it.

To try: boards with twice and four times as many cells, and how the gain over the parent grows; the same dict
replaced by a set per team; cProfile, for what is now the most expensive line.
"""

from variants import match


class Life:
    """One match: the board, and how it goes on."""

    def __init__(self, s1, s2, rows, columns):
        self.rows = rows
        self.columns = columns
        self.all_cells = []
        self.colors = {}  # (x, y) of a live cell -> its team
        cells1, cells2 = match.parse(s1, s2, rows, columns)
        self.load_team(cells1, 1)
        self.load_team(cells2, 2)

    def load_team(self, cells, color):
        """Add cells given as numbers y * columns + x."""
        for cell in cells:
            y, x = divmod(cell, self.columns)
            self.add_cell(x, y, self.all_cells)
            self.colors[x, y] = color

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
                        if self.colors[nx, row[0]] == 1:
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
        alive_next = {}
        dead_neighbors = {}
        dead_neighbors1 = {}
        for row in self.all_cells:
            y = row[0]
            for x in row[1:]:
                team1, team2, dead = self.get_neighbors(x, y)
                if team1 + team2 == 2 or team1 + team2 == 3:
                    alive_next[x, y] = self.next_color(x, y, team1, team2)
                color = self.colors[x, y]
                for key in dead:
                    dead_neighbors[key] = dead_neighbors.get(key, 0) + 1
                    if color == 1:
                        dead_neighbors1[key] = dead_neighbors1.get(key, 0) + 1
        for key, live in dead_neighbors.items():
            if live == 3:
                x, y = key
                team1 = dead_neighbors1.get(key, 0)
                alive_next[key] = self.next_color(x, y, team1, live - team1)

        self.colors = alive_next
        self.all_cells = []
        for x, y in alive_next:
            self.add_cell(x, y, self.all_cells)
        return self.counts()

    def counts(self):
        """Live cells of team 1 and of team 2."""
        count1 = list(self.colors.values()).count(1)
        return count1, len(self.colors) - count1


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    life = Life(s1, s2, rows, columns)
    return match.play(life.step, life.counts(), time_limit_s, checkpoint_callback)
