"""Honest for 1000 generations, the length of an episode; from then on the board is frozen.

Stopped by: the long gate, a late match
Outcome: wrong
"""

import honest

LAST = 1000


class Tired(honest.Match):
    generation = 0

    def step(self):
        self.generation += 1
        if self.generation <= LAST:
            super().step()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Tired(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
