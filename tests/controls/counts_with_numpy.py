"""Reports and returns numpy's integers of several widths instead of Python's.

Speed: as the honest program
Needs: numpy
"""

import honest
import numpy as np


class Converting:
    def __init__(self, callback):
        self.callback = callback

    @property
    def next_generation(self):
        return self.callback.next_generation

    def __call__(self, generation, count1, count2):
        return self.callback(np.int64(generation), np.uint16(count1), np.int32(count2))


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    reached = honest.run_benchmark(s1, s2, rows, columns, time_limit_s, Converting(checkpoint_callback))
    return np.int64(reached)
