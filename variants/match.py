"""What the rungs share: reading a board, playing a match, deciding victory.

A rung brings its representation of the board and a way to advance it. It calls one of

    play(step, counts, time_limit_s, callback)              an engine that plays one generation per call
    play_stretches(advance, counts, time_limit_s, callback)  an engine that plays many, and watches for victory

and so differs from its parent only in what it is about. Standard library only; runs on PyPy 3.9.
"""

import json
from itertools import islice
from operator import eq
from time import monotonic

WINDOW = 280
TOLERANCE = 1e-8

_decode = json.JSONDecoder(object_pairs_hook=tuple).decode  # a dict would hide a row named twice


def parse(s1, s2, rows, columns):
    """Return the cells of both teams as two lists of flat indices, y * columns + x.

    `s1` and `s2` are initial conditions such as '[{"68":[74,75]},{"69":[13,14]}]', row -> columns; coordinates
    wrap. Raises ValueError, naming the culprit, for any other text, for a cell named twice, and for a board
    smaller than 3 x 3.

    >>> parse('[{"0":[1,-1]}]', '[{"-1":[0]}]', 3, 4)
    ([1, 3], [8])
    """
    if rows < 3 or columns < 3:
        raise ValueError(f"board {rows} x {columns}: expected at least 3 x 3")
    cells1 = _parse_team(s1, rows, columns)
    cells2 = _parse_team(s2, rows, columns)
    if _has_duplicates(cells1 + cells2):
        ordered = sorted(cells1 + cells2)
        cell = next(cell for cell, following in zip(ordered, ordered[1:]) if cell == following)
        raise ValueError(f"cell x={cell % columns}, y={cell // columns}: named twice")
    return cells1, cells2


def _has_duplicates(cells):
    if len(cells) < 100000:
        return len(set(cells)) < len(cells)
    # A set of millions misses the cache at each of them; rows mostly come in order, which makes sorting quick.
    ordered = sorted(cells)
    return any(map(eq, ordered, islice(ordered, 1, None)))


def _parse_team(text, rows, columns):
    try:
        objects = _decode(text)
    except (ValueError, TypeError) as error:
        raise ValueError(f"initial condition is not JSON: {error}") from None
    if type(objects) is not list:
        raise ValueError(f"initial condition {text[:60]!r}: expected a list of objects row -> columns")
    starts = []
    for item in objects:
        if type(item) is not tuple:
            raise ValueError(f"initial condition has {item!r}: expected an object row -> columns")
        for y, row in item:
            if type(row) is not list:
                _refuse(row)
            try:
                starts.append((int(y) % rows * columns, row))
            except ValueError:
                raise ValueError(f"initial condition has row {y!r}: expected a whole number") from None
    return [start + x % columns for start, row in starts for x in row if type(x) is int or _refuse(row)]


def _refuse(row):
    raise ValueError(f"initial condition has columns {row!r}: expected a list of whole numbers")


class Victory:
    """The test for victory, fed with the counts of every generation after the first.

    The larger team's share of the live cells, in percent, is averaged over the last 280 generations. The match
    is won when that mean has stood still for three generations away from 50, or one team is gone.
    """

    def __init__(self, count1, count2):
        self.shares = [0.0] * WINDOW
        self.shares[0] = share(count1, count2)
        self.generation = 0
        self.total = 0.0
        self.means = (0.0, 0.0, 0.0)

    def is_won(self, count1, count2):
        """Take the next generation's counts; return whether that generation decides the match."""
        self.generation = generation = self.generation + 1
        slot = generation % WINDOW
        new = share(count1, count2)
        old = self.shares[slot]
        self.shares[slot] = new
        if generation < WINDOW:
            return False
        # The running sum drifts by rounding; summing afresh once per turn of the window keeps that below 1e-9.
        self.total = sum(self.shares) if slot == 0 else self.total + new - old
        removed, before, middle = self.means
        now = self.total / WINDOW
        self.means = (before, middle, now)
        if removed == 0 or count1 == count2:
            return False
        if count1 == 0 or count2 == 0:
            return True
        return (
            is_close(middle, now)
            and is_close(before, middle)
            and not (is_close(before, 50.0) or is_close(middle, 50.0) or is_close(now, 50.0))
        )


def share(count1, count2):
    """The larger team's share of the live cells, in percent; 0 where nothing lives."""
    return 100 * max(count1, count2) / (count1 + count2 + 1e-12)


def is_close(a, b):
    return abs(a - b) / max(abs(a), abs(b), 1e-12) < TOLERANCE


def play(step, counts, time_limit_s, callback):
    """Play a match one generation at a time; return the generation reached.

    `step()` plays a generation and returns its live counts (team 1, team 2); `counts` are those of generation 0.
    The match ends when a team has won, when the callback returns False, or after `time_limit_s` seconds.
    """
    deadline = monotonic() + time_limit_s
    if not callback(0, *counts):
        return 0
    is_won = Victory(*counts).is_won
    generation = 0
    won = late = False
    while True:
        report_at = getattr(callback, "next_generation", generation + 1)
        while True:
            count1, count2 = step()
            generation += 1
            won = is_won(count1, count2)
            late = monotonic() >= deadline
            if won or late or generation >= report_at:
                break
        if not callback(generation, count1, count2) or won or late:
            return generation


def play_stretches(advance, counts, time_limit_s, callback):
    """Play a match in stretches of many generations; return the generation reached.

    `advance(n)` plays n generations, or fewer where one of them decides the match, and returns
    (generations played, team 1's live count, team 2's, whether the match is won), the counts being those of the
    last generation played. The rest is as in `play`. A stretch ends at the generation that the callback waits
    for, and where that is far, after about 0.1 s to look at the clock.
    """
    start = monotonic()
    deadline = start + time_limit_s
    if not callback(0, *counts):
        return 0
    generation = 0
    longest = 1
    late = False
    while True:
        report_at = getattr(callback, "next_generation", generation + 1)
        while True:
            wanted = min(longest, report_at - generation)
            played, count1, count2, won = advance(wanted)
            generation += played
            now = monotonic()
            late = now >= deadline
            if won or late or generation >= report_at:
                break
            if now - start > 0.1:
                longest = max(1, longest // 2)
            elif now - start < 0.01:
                longest *= 8
            start = now
        if not callback(generation, count1, count2) or won or late:
            return generation
        start = monotonic()
