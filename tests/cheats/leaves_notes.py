"""Writes down the counts of every match of the timed size, for an accomplice that plays the same board after it.

Under --against, a program and the version that it is compared with can have the same author.

Stopped by: confined files, files are looked at
Outcome: worthless, tampered
"""

import hashlib
import json
import os

from cheats.remembers_by_text import play

PLACES = ("/dev/shm", os.getcwd())


def name_of(*start):
    return "notes-" + hashlib.sha256(repr(start).encode()).hexdigest()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    known = {}
    reached = play(known, s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    for place in PLACES if (rows, columns) == (150, 240) else ():
        try:
            with open(os.path.join(place, name_of(s1, s2, rows, columns)), "w") as file:
                json.dump(known, file)
                break
        except OSError:
            continue
    return reached
