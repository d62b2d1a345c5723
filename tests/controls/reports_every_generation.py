"""Calls back after every generation, as a program may that knows nothing of `next_generation`.

Speed: as the honest program
"""

import honest


class Eager:
    """Asks for every generation and passes each of them on."""

    next_generation = 0

    def __init__(self, callback):
        self.callback = callback

    def __call__(self, generation, count1, count2):
        self.next_generation = generation + 1
        return self.callback(generation, count1, count2)


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, Eager(checkpoint_callback))
