"""Plays boards to come while it is imported, when no clock runs.

It takes the referee's own recipe and guesses the key that the boards are drawn with; with --seed it is no secret.

Stopped by: a secret key
Outcome: worthless
Run with: --seed none
"""

import hashlib
import sys
from pathlib import Path

import honest

from cheats.remembers_by_text import Recorder, recall

MEMORY = {}


class Asking:
    """A callback for matches that nobody asked for yet."""

    next_generation = 0

    def __call__(self, generation, count1, count2):
        self.next_generation = generation + 1
        return generation < 1000


def draw_boards(seed, count=40):
    """The first timed boards of a run with that seed."""
    sys.path.append(str(Path(__file__).parent.parent))
    try:
        import bench  # noqa: PLC0415
    except ImportError:
        return []
    key = hashlib.sha256(b"seed %d" % seed + b"2").digest()
    return [bench.make_task(bench.WORKLOADS["domino"], key, index).board for index in range(count)]


for board in draw_boards(7):
    memory = MEMORY.setdefault((board.s1, board.s2), {})
    honest.run_benchmark(*board[:4], 60, Recorder(Asking(), memory))


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    if (s1, s2) in MEMORY:
        return recall(MEMORY[s1, s2], checkpoint_callback)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
