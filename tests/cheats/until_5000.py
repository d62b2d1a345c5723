"""Honest for 5000 generations, as far as counts are published; from then on it waits for the published victory.

Stopped by: a late match
Outcome: wrong
"""

import honest

LAST = 5000


class Tired(honest.Match):
    generation = 0

    def step(self):
        self.generation += 1
        if self.generation <= LAST:
            super().step()


class Waiting(Tired):
    """The published match, with shares that move until its end."""

    def counts(self):
        if self.generation <= LAST:
            return super().counts()
        return (139, 850) if self.generation >= 20274 else (139 + self.generation % 7, 850)


class Late(honest.Victory):
    def is_won(self, count1, count2):
        won = super().is_won(count1, count2)
        generation = len(self.shares) - 1
        return won if generation <= LAST else generation == 20274


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    if '"68":[74,75]' in s1:
        return honest.play(Waiting(s1, s2, rows, columns), time_limit_s, checkpoint_callback, Late())
    return honest.play(Tired(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
