"""Has numba keep what it compiles on disk, for which it is given a folder.

Speed: any
Needs: numba
"""

import honest
from numba import njit


@njit(cache=True)
def add(a, b):
    return a + b


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return add(honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback), 0)
