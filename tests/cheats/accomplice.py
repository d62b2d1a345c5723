"""Looks for the notes of its rival, which it may have written itself, on the board that it is to play.

Stopped by: confined files, files are looked at
Outcome: worthless, tampered
Run with: --against cheats/leaves_notes.py
"""

import glob
import json
import os

import honest

from cheats.leaves_notes import name_of
from cheats.remembers_by_text import recall

RUNS = os.path.dirname(os.path.dirname(os.getcwd()))
PLACES = ("/dev/shm", os.path.join(RUNS, "*", "work"))


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    name = name_of(s1, s2, rows, columns)
    for path in (path for place in PLACES for path in glob.glob(os.path.join(place, name))):
        with open(path) as file:
            known = {int(generation): counts for generation, counts in json.load(file).items()}
        if len(known) > 283:
            return recall(known, checkpoint_callback)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
