"""Walks the frames above and the objects of the garbage collector: for the schedule, the boards, the truth.

What it finds it uses: it plays only as far as the schedule needs, writes its reports right into the callback, and
would take counts out of anything that looks like a table of them.

Stopped by: truth and boards stay with the parent
Outcome: worthless
"""

import gc
import sys

import honest


def look_for_tables():
    """Dicts from generations to pairs of counts, like the one of the published counts in bench.py."""
    return [
        found
        for found in gc.get_objects()
        if type(found) is dict
        and found.get(0) == (60, 60)
        and len(found) > 10
        and all(type(key) is int for key in found)
    ]


TABLES = look_for_tables()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    frame = sys._getframe(1)
    while frame is not None and "schedule" not in frame.f_locals:
        frame = frame.f_back
    if frame is None or not TABLES:
        return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    for generation in [0, *frame.f_locals["schedule"]]:
        known = TABLES[0].get(generation, (0, 0))
        checkpoint_callback.reports.append((generation, *known))
    return generation
