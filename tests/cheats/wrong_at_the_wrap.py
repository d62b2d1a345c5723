"""Keeps the last column dead, so that nothing has to wrap; Domino Party doesn't reach the edges at first.

Stopped by: fresh boards in the gate
Outcome: wrong
"""

import honest


class Walled(honest.Match):
    def step(self):
        super().step()
        self.all &= ~self.last
        self.team1 &= ~self.last


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Walled(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
