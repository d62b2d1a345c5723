"""Plays to the end first and reports afterwards, from the last generation to the first.

Stopped by: form of the answers
Outcome: wrong
"""

import honest


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    counts = honest.Match(s1, s2, rows, columns).counts()
    last = checkpoint_callback.schedule[-1]
    checkpoint_callback(last, *counts)
    checkpoint_callback(0, *counts)
    return last
