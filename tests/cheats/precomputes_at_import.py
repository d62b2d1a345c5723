"""Plays likely boards while it is imported, when no clock runs: the published one, shifted by a few cells.

Stopped by: boards drawn after the import
Outcome: worthless
"""

import json

import honest

from cheats.remembers_by_text import Recorder, recall

TEAM1 = '[{"68":[74,75]},{"69":[13,14,48,75,76,111,112]},{"70":[12,13,22,47,48,75,110,111]}]'
TEAM2 = '[{"70":[138]},{"71":[137,138]},{"72":[129,130,138,139,191,192,208,209]}]'
MEMORY = {}


class Asking:
    """A callback of its own, for matches that nobody asked for."""

    next_generation = 0

    def __call__(self, generation, count1, count2):
        self.next_generation = generation + 1
        return generation < 40


def shift(text, dx):
    return json.dumps([{y: [x + dx for x in xs]} for row in json.loads(text) for y, xs in row.items()])


for dx in range(-3, 4):
    teams = shift(TEAM1, dx), shift(TEAM2, dx)
    memory = MEMORY.setdefault(teams, {})
    honest.run_benchmark(*teams, 150, 240, 60, Recorder(Asking(), memory))


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    if (s1, s2) in MEMORY:
        return recall(MEMORY[s1, s2], checkpoint_callback)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
