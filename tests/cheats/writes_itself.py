"""Replaces its own file by an innocent one, so that whoever reads it later finds nothing.

Stopped by: confined files, files are looked at
Outcome: worthless, tampered
"""

import honest

INNOCENT = "from honest import run_benchmark\n"

try:
    with open(__file__, "w") as file:
        file.write(INNOCENT)
except OSError:
    pass


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
