"""Works for two seconds before its first match, and before its first of the timed size, as a JIT compiler does.

Speed: as the honest program
"""

import time

import honest

COMPILED = set()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    kind = (rows, columns) == (150, 240)
    if kind not in COMPILED:
        COMPILED.add(kind)
        end = time.process_time() + 2
        while time.process_time() < end:
            sum(range(1000))
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
