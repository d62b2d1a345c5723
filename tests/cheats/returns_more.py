"""Plays the match and reports it rightly, then claims to have played far longer.

Stopped by: form of the answers
Outcome: wrong
"""

import honest


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback) + 10**12
