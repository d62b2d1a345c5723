"""Builds its checkerboard from pairs of cells, and forgets the last column where it has no partner.

Stopped by: fresh boards in the gate
Outcome: wrong
"""

import honest


class Paired(honest.Match):
    def __init__(self, *start):
        super().__init__(*start)
        if self.columns % 2:
            self.checker &= ~self.last


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Paired(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
