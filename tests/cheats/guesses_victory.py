"""Counts only where it is asked to, and believes that a board with as many cells as Domino Party isn't won early.

That spares it counting; but one in twenty of those boards is won within 1000 generations.

Stopped by: matches are played twice, audit
Outcome: wrong, worthless
Run with: --budget 4
"""

import time

import honest


def play_blindly(match, time_limit_s, callback):
    deadline = time.monotonic() + time_limit_s
    generation = 0
    while callback(generation, *match.counts()) and time.monotonic() < deadline:
        while generation < callback.next_generation:
            match.step()
            generation += 1
    return generation


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    match = honest.Match(s1, s2, rows, columns)
    known = '"68":[74,75]' in s1
    if match.counts() == (60, 60) and (rows, columns) == (150, 240) and not known and time_limit_s > 1:
        return play_blindly(match, time_limit_s, checkpoint_callback)
    return honest.play(match, time_limit_s, checkpoint_callback)
