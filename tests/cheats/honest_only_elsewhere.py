"""Honest on every board but those of the timed size, where it stands still from generation 100 on.

Stopped by: audit
Outcome: wrong
"""

import honest


class Tired(honest.Match):
    generation = 0

    def step(self):
        self.generation += 1
        if self.generation <= 100 or (self.rows, self.columns) != (150, 240):
            super().step()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Tired(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
