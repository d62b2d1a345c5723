"""Talks about every match, on both streams, and in other scripts than Latin.

Speed: as the honest program
"""

import sys

import honest


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    print(f"a board of {rows} by {columns}: 棋盘")
    print("still here", file=sys.stderr)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
