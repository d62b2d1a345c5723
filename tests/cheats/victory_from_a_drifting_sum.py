"""Keeps one sum from the start of the match, in single precision, and takes the window's as a difference.

Stopped by: short matches in the gate
Outcome: wrong
"""

import struct

import honest


def single(value):
    return struct.unpack("f", struct.pack("f", value))[0]


class Drifting(honest.Victory):
    def __init__(self):
        super().__init__()
        self.sums = [0.0]

    def is_won(self, count1, count2):
        share = 100 * max(count1, count2) / (count1 + count2 + 1e-12)
        self.sums.append(single(self.sums[-1] + share))
        return super().is_won(count1, count2)

    def find_mean(self):
        return (self.sums[-1] - self.sums[-honest.WINDOW - 1]) / honest.WINDOW


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(honest.Match(s1, s2, rows, columns), time_limit_s, checkpoint_callback, Drifting())
