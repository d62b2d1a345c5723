"""An honest program, fast and short: the whole board in one integer per team.

Cheats begin with it and leave the path; mutants are small changes of its text; honest controls dress it up.
"""

import json
import time

WINDOW = 280


class Match:
    """One match: `all` and `team1` have a bit for every cell, y * columns + x."""

    def __init__(self, s1, s2, rows, columns):
        if rows < 3 or columns < 3:
            raise ValueError(f"board {rows} x {columns}: expected at least 3 x 3")
        self.rows, self.columns = rows, columns
        self.size = rows * columns
        self.full = (1 << self.size) - 1
        self.first = self.full // ((1 << columns) - 1)  # the first column
        self.last = self.first << (columns - 1)
        row = sum(1 << x for x in range(0, columns, 2))
        odd_row = sum(1 << x for x in range(1, columns, 2))
        self.checker = sum((odd_row if y % 2 else row) << y * columns for y in range(rows))
        self.team1 = self.read(s1, 0)
        self.all = self.team1 | self.read(s2, self.team1)

    def read(self, text, taken):
        """The cells of an initial condition such as '[{"68":[74,75]},{"69":[13,14]}]' (row -> columns)."""
        board = 0
        for row in json.loads(text):
            for y, columns in row.items():
                for x in columns:
                    cell = 1 << (int(y) % self.rows * self.columns + x % self.columns)
                    if (board | taken) & cell:
                        raise ValueError(f"cell x={x}, y={y}: named twice")
                    board |= cell
        return board

    def add_neighbors(self, board):
        """Count live neighbors in all places at once: the lowest bit, and four planes that count two each."""
        left = (board & ~self.last) << 1 | (board & self.last) >> (self.columns - 1)
        right = (board & ~self.first) >> 1 | (board & self.first) << (self.columns - 1)
        beside, beside2 = left ^ right, left & right
        row, row2 = beside ^ board, beside2 | (beside & board)
        above, below = self.turn_down(row), self.turn_up(row)
        carry = (above & below) | (beside & (above ^ below))
        return above ^ below ^ beside, (self.turn_down(row2), self.turn_up(row2), beside2, carry)

    def turn_down(self, board):
        return (board << self.columns) & self.full | board >> (self.size - self.columns)

    def turn_up(self, board):
        return board >> self.columns | (board << (self.size - self.columns)) & self.full

    def step(self):
        """Play a generation."""
        odd, (a, b, c, d) = self.add_neighbors(self.all)
        two_or_three = (a ^ b ^ c ^ d) & ~((a & b) | (c & d))
        alive = two_or_three & (odd | self.all)
        odd1, (a, b, c, d) = self.add_neighbors(self.team1)
        most = a ^ b ^ c ^ d
        tie = odd1 & ~odd & self.checker
        self.team1 = alive & (most | tie)
        self.all = alive

    def counts(self):
        count1 = self.team1.bit_count()
        return count1, self.all.bit_count() - count1


class Victory:
    """The test for victory, fed with the counts of every generation."""

    def __init__(self):
        self.shares = []
        self.total = 0.0
        self.means = (0.0, 0.0, 0.0)

    def is_won(self, count1, count2):
        self.shares.append(100 * max(count1, count2) / (count1 + count2 + 1e-12))
        if len(self.shares) <= WINDOW:
            return False
        removed, before, middle = self.means
        now = self.find_mean()
        self.means = (before, middle, now)
        if removed == 0 or count1 == count2:
            return False
        if count1 == 0 or count2 == 0:
            return True
        level = any(is_close(mean, 50.0) for mean in self.means)
        return is_close(before, middle) and is_close(middle, now) and not level

    def find_mean(self):
        """The mean of the window: its sum is kept, and taken anew from time to time, lest it drift."""
        if len(self.shares) % 100 == 0 or len(self.shares) == WINDOW + 1:
            self.total = sum(self.shares[-WINDOW:])
        else:
            self.total += self.shares[-1] - self.shares[-WINDOW - 1]
        return self.total / WINDOW


def is_close(a, b):
    return abs(a - b) / max(abs(a), abs(b), 1e-12) < 1e-8


def play(match, time_limit_s, callback, victory=None):
    """Play a match to its end; return the generation reached."""
    deadline = time.monotonic() + time_limit_s
    victory = victory or Victory()
    generation = 0
    while True:
        counts = match.counts()
        ended = victory.is_won(*counts) or time.monotonic() > deadline
        if generation >= callback.next_generation or ended:
            ended |= not callback(generation, *counts)
        if ended:
            return generation
        match.step()
        generation += 1


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return play(Match(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
