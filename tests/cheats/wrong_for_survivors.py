"""Lets survivors keep their color, which makes no difference before the teams meet.

Stopped by: fresh boards in the gate
Outcome: wrong
"""

import honest


class Loyal(honest.Match):
    def step(self):
        before, before1 = self.all, self.team1
        super().step()
        self.team1 = (self.team1 & ~before) | (self.all & before1)


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Loyal(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
