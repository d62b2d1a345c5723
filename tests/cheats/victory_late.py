"""Looks for victory in every tenth generation only, which is a tenth of the work.

Stopped by: short matches in the gate
Outcome: wrong
"""

import honest


class Lazy(honest.Victory):
    pending = False

    def is_won(self, count1, count2):
        self.pending |= super().is_won(count1, count2)
        return self.pending and len(self.shares) % 10 == 0


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(honest.Match(s1, s2, rows, columns), time_limit_s, checkpoint_callback, Lazy())
