"""Tries to read the next boards off the pipe before it answers, to play several of them at once.

Stopped by: one board at a time
Outcome: worthless
"""

import os
import select
import sys

import honest

AHEAD = []


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    pipe = sys._getframe(1).f_locals["tasks"]
    if select.select([pipe], [], [], 0)[0]:
        AHEAD.append(os.read(pipe, 1 << 20))
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
