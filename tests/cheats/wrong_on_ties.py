"""Gives every tie to team 1 and does without the checkerboard.

Stopped by: fresh boards in the gate
Outcome: wrong
"""

import honest


class Partial(honest.Match):
    def __init__(self, *start):
        super().__init__(*start)
        self.checker = self.full


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Partial(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
