"""Honest on the published board, which everybody can look up; makes answers up on all others.

Stopped by: fresh boards in the gate
Outcome: wrong
"""

import honest

from cheats.honest_only_in_the_gate import make_up


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    if '"68":[74,75]' in s1:
        return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    return make_up(checkpoint_callback)
