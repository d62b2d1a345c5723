"""Makes up one in five of its matches, so that a few random samples may well miss it.

Stopped by: the quickest are audited
Outcome: wrong
Run with: --budget 3
"""

import honest

from cheats.honest_only_in_the_gate import make_up

PLAYED = []


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    if (rows, columns) == (150, 240):
        PLAYED.append(len(s1))
    if len(PLAYED) > 8 and len(PLAYED) % 5 == 0 and len(s1) > 300:
        return make_up(checkpoint_callback)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
