"""Takes memory without bound, talking all the while so that nobody should find the time to look.

Stopped by: limits
Outcome: crash
"""

import os


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    taken = []
    while True:
        taken.append(bytearray(os.urandom(1)) * (32 << 20))
        os.write(1, b".")
