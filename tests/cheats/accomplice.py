"""Under --against, whoever of the two plays a board first leaves the answers for the other.

A program and the version that it is compared with can have the same author. The one that plays second looks
for the answers in all the places where the first could have left them.

Stopped by: no files, files are looked at
Outcome: tampered, worthless
Run with: --against accomplice.py
"""

import glob
import hashlib
import json
import os

import honest

from cheats.remembers_by_text import play, recall

PLACES = (
    "/dev/shm/accomplice-*",
    os.path.join(os.path.dirname(os.path.dirname(os.getcwd())), "*", "work", "accomplice-*"),
)


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    name = "accomplice-" + hashlib.sha256(f"{s1}{s2}{rows}{columns}".encode()).hexdigest()
    if (rows, columns) != (150, 240):
        return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    for path in (path for place in PLACES for path in glob.glob(place)):
        if os.path.basename(path) == name:
            with open(path) as file:
                known = {int(generation): counts for generation, counts in json.load(file).items()}
            if len(known) > 283:
                return recall(known, checkpoint_callback)
    memory = {}
    reached = play(memory, s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    for folder in ("/dev/shm", os.getcwd()):
        try:
            with open(os.path.join(folder, name), "w") as file:
                json.dump(memory, file)
                break
        except OSError:
            continue
    return reached
