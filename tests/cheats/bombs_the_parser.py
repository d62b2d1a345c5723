"""Writes into the pipe what a careless reader chokes on: nesting, huge numbers, megabytes without an end of line.

Stopped by: form of the answers
Outcome: tampered
"""

import os
import sys


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    pipe = sys._getframe(1).f_locals["answers"]
    os.write(pipe, b"[" * 20000 + b"9" * 10000)
    while True:
        os.write(pipe, b"[" * 60000)
