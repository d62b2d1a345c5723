"""Plays on until somebody has won, however long that takes; on some boards nobody ever wins.

Stopped by: limits
Outcome: timeout
"""

import math

import honest


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, math.inf, checkpoint_callback)
