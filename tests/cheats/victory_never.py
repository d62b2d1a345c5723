"""Doesn't look for victory at all.

Stopped by: short matches in the gate
Outcome: wrong
"""

import honest


class Blind(honest.Victory):
    def is_won(self, count1, count2):
        return False


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(honest.Match(s1, s2, rows, columns), time_limit_s, checkpoint_callback, Blind())
