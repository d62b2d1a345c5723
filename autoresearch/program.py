"""Two-colour Game of Life on a torus, kept as sparse row lists.

The state is three lists of rows (all live cells, team 1's, team 2's), each row `[y, x1, x2, ...]`, rows sorted
by y and columns sorted within a row. Rule: B3/S23 over both teams together; every cell alive in the next
generation takes the color of the majority of its live neighbors, and where they tie, team 1 on the squares of
the checkerboard with x % 2 == y % 2, team 2 on the others.

`run_benchmark` is what bench.py calls. Everything else may be changed.
"""

import json
import time

WINDOW = 280
TOLERANCE = 1e-8


class Life:
    """One match: the board, its generation, and the test for victory."""

    def __init__(self, s1, s2, rows, columns):
        if rows < 3 or columns < 3:
            raise ValueError(f"board {rows} x {columns}: expected at least 3 x 3")
        self.rows = rows
        self.columns = columns
        self.generation = 0
        self.all_cells = []
        self.team1_cells = []
        self.team2_cells = []
        self.load_team(s1, self.team1_cells)
        self.load_team(s2, self.team2_cells)
        self.shares = []
        self.means = [0.0, 0.0, 0.0]

    def load_team(self, text, team_cells):
        """Add the cells of an initial condition such as '[{"68":[74,75]},{"69":[13,14]}]' (row -> columns)."""
        for y, columns in read_rows(text):
            for x in columns:
                if self.is_alive(x, y, self.all_cells):
                    raise ValueError(f"cell x={x}, y={y}: named twice")
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
        """Look around a live cell: how many live neighbors of each team, and the "x,y" of every dead one."""
        near_columns = [(x - 1) % self.columns, x % self.columns, (x + 1) % self.columns]
        near_rows = [(y - 1) % self.rows, y % self.rows, (y + 1) % self.rows]
        dead = []
        for ny in near_rows:
            for nx in near_columns:
                if nx != x or ny != y:
                    dead.append(str(nx) + "," + str(ny))
        team1 = 0
        team2 = 0
        for row in self.all_cells:
            if row[0] in near_rows:
                for nx in row[1:]:
                    if nx in near_columns and (nx != x or row[0] != y):
                        dead.remove(str(nx) + "," + str(row[0]))
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
        """Play one generation."""
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
                x, y = key.split(",")
                team1 = dead_neighbors1.get(key, 0)
                alive_next.append((int(x), int(y), self.next_color(int(x), int(y), team1, live - team1)))

        self.all_cells = []
        self.team1_cells = []
        self.team2_cells = []
        for x, y, color in alive_next:
            self.add_cell(x, y, self.all_cells)
            self.add_cell(x, y, self.team1_cells if color == 1 else self.team2_cells)
        self.generation += 1

    def counts(self):
        """Live cells of team 1 and of team 2."""
        return count_cells(self.team1_cells), count_cells(self.team2_cells)

    def is_won(self):
        """Whether this generation decides the match; call it once after every step.

        The larger team's share of the live cells, in percent, is averaged over the last 280 generations. The
        match is won when that average has stood still for three generations away from 50, or one team is gone.
        """
        count1, count2 = self.counts()
        self.shares.append(100 * max(count1, count2) / (count1 + count2 + 1e-12))
        if self.generation < WINDOW:
            return False
        self.shares = self.shares[-WINDOW:]
        removed = self.means.pop(0)
        self.means.append(sum(self.shares) / WINDOW)
        if removed == 0 or count1 == count2:
            return False
        if count1 == 0 or count2 == 0:
            return True
        before, middle, now = self.means
        stable = is_close(before, middle) and is_close(middle, now)
        return stable and not any(is_close(mean, 50.0) for mean in self.means)


def read_rows(text):
    """Yield (row, columns) from an initial condition; ValueError where the text is not of that form."""
    try:
        objects = json.loads(text, object_pairs_hook=tuple)  # a dict would hide a row named twice
    except ValueError as error:
        raise ValueError(f"initial condition is not JSON: {error}") from None
    if not isinstance(objects, list):
        raise ValueError(f"initial condition {text[:60]!r}: expected a list of objects row -> columns")
    for item in objects:
        if not isinstance(item, tuple):
            raise ValueError(f"initial condition has {item!r}: expected an object row -> columns")
        for y, columns in item:
            try:
                row = int(y)
            except ValueError:
                raise ValueError(f"initial condition has row {y!r}: expected a whole number") from None
            if not isinstance(columns, list) or any(type(x) is not int for x in columns):
                raise ValueError(f"initial condition has columns {columns!r}: expected a list of whole numbers")
            yield row, columns


def count_cells(cells):
    total = 0
    for row in cells:
        total += len(row) - 1
    return total


def is_close(a, b):
    return abs(a - b) / max(abs(a), abs(b), 1e-12) < TOLERANCE


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached.

    The match ends when a team has won, when the callback returns False, or after `time_limit_s` seconds.
    `checkpoint_callback(generation, team1_cells, team2_cells)` is called with generation 0 first and then after
    every generation. (A faster program need only call it at `checkpoint_callback.next_generation` and at the
    last generation it plays.)
    """
    deadline = time.monotonic() + time_limit_s
    life = Life(s1, s2, rows, columns)
    if not checkpoint_callback(0, *life.counts()):
        return 0
    while time.monotonic() < deadline:
        life.step()
        won = life.is_won()
        if not checkpoint_callback(life.generation, *life.counts()) or won:
            break
    return life.generation
