"""Remembers matches by their cells, however the text may be written.

Stopped by: boards that never come twice
Outcome: worthless
"""

import json

from cheats import remembers_by_text
from cheats.remembers_by_text import run_benchmark  # noqa: F401


def find_key(s1, s2, rows, columns):
    teams = (
        frozenset((x % columns, int(y) % rows) for row in json.loads(text) for y, xs in row.items() for x in xs)
        for text in (s1, s2)
    )
    return (*teams, rows, columns)


remembers_by_text.find_key = find_key
