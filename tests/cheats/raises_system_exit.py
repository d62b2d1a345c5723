"""Ends the process in the polite way, with status 0.

Stopped by: early exit is a crash
Outcome: crash
"""

import sys


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    sys.exit(0)
