"""Remembers matches up to the symmetries that leave the counts alone: even shifts and half-turns.

Stopped by: boards that never come twice
Outcome: worthless
"""

import json

from cheats import remembers_by_text
from cheats.remembers_by_text import run_benchmark  # noqa: F401


def read(text, rows, columns):
    return [(x % columns, int(y) % rows) for row in json.loads(text) for y, xs in row.items() for x in xs]


def normal_form(cells, rows, columns):
    """Shift the first cell, by team and place, to the corner, as far as even steps lead there."""
    if not cells:
        return ()
    _, x, y = min(cells)
    dx, dy = x - x % 2, y - y % 2
    return tuple(sorted((team, (x - dx) % columns, (y - dy) % rows) for team, x, y in cells))


def find_key(s1, s2, rows, columns):
    cells = [(team, x, y) for team, text in enumerate((s1, s2)) for x, y in read(text, rows, columns)]
    turned = [(team, columns - 1 - x, rows - 1 - y) for team, x, y in cells]
    return min(normal_form(cells, rows, columns), normal_form(turned, rows, columns)), rows, columns


remembers_by_text.find_key = find_key
