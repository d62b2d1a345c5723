"""Leaves the process with status 0 in the middle of a match.

Stopped by: early exit is a crash
Outcome: crash
"""

import os


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    checkpoint_callback(0, 60, 60)
    os._exit(0)
