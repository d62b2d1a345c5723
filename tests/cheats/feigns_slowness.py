"""Dawdles in the gate and the warm-up, to be timed on the first generations only and spared the long gate.

The first generations of a match have fewer cells, and a program that goes from cell to cell plays them faster.

Stopped by: a prefix that fits
Outcome: worthless
"""

import time

import honest

PLAYED = []


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    if (rows, columns) == (150, 240) and time_limit_s > 1:
        PLAYED.append(len(s1))
        if len(PLAYED) <= 2:
            time.sleep(0.4)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
