"""Takes a match for won as soon as the last two means agree, without waiting for the third.

Stopped by: short matches in the gate
Outcome: wrong
"""

import honest


class Hasty(honest.Victory):
    def is_won(self, count1, count2):
        won = super().is_won(count1, count2)
        _, middle, now = self.means
        return won or (middle != 0 and count1 != count2 and honest.is_close(middle, now) and abs(now - 50) > 0.1)


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(honest.Match(s1, s2, rows, columns), time_limit_s, checkpoint_callback, Hasty())
