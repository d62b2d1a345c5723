"""Reuses its boards from match to match and forgets to clear them where the size is the same.

Stopped by: fresh boards in the gate, audit
Outcome: wrong
"""

import honest

BOARDS = {}


class Reusing(honest.Match):
    def read(self, text, taken):
        cells = super().read(text, taken)
        stale = BOARDS.get((self.rows, self.columns, taken == 0), 0)
        BOARDS[self.rows, self.columns, taken == 0] = cells
        return cells | stale & ~taken


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Reusing(s1, s2, rows, columns), time_limit_s, checkpoint_callback)
