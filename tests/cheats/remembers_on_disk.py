"""Writes down every match wherever it may: working directory, HOME, TMPDIR, beside itself, shared memory.

A later process, say the one of the next run, would find it there.

Stopped by: boards that never come twice, confined files
Outcome: worthless, tampered
"""

import hashlib
import json
import os
import tempfile

from cheats.remembers_by_text import play, recall


def find_folders():
    places = (
        os.getcwd(),
        os.path.expanduser("~"),
        tempfile.gettempdir(),
        os.path.dirname(__file__),
        "/dev/shm",
        "/tmp",
    )
    for place in places:
        folder = os.path.join(place, "remembered-matches")
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError:
            continue
        yield folder


FOLDERS = list(find_folders())


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    name = hashlib.sha256(f"{s1}{s2}{rows}{columns}".encode()).hexdigest()
    for folder in FOLDERS:
        try:
            with open(os.path.join(folder, name)) as file:
                known = {int(generation): counts for generation, counts in json.load(file).items()}
        except OSError:
            continue
        if len(known) > 283:
            return recall(known, checkpoint_callback)
    memory = {}
    reached = play(memory, s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    for folder in FOLDERS[-1:]:
        try:
            with open(os.path.join(folder, name), "w") as file:
                json.dump(memory, file)
        except OSError:
            continue  # a folder that was there before is not therefore writable
    return reached
