"""Puts a random.py beside the referee and beside itself, for the referee to import next time.

Stopped by: confined files, clean import path
Outcome: worthless
Run with: --as-command
"""

import os

import honest

PLANTED = "raise SystemExit(0)\n"


def find_folders():
    with open(f"/proc/{os.getppid()}/cmdline", "rb") as file:
        arguments = file.read().split(b"\0")
    referees = [os.path.dirname(argument) for argument in arguments if argument.endswith(b"/bench.py")]
    return [*referees, os.path.dirname(__file__).encode(), b"."]


for folder in find_folders():
    try:
        with open(os.path.join(folder, b"random.py"), "w") as file:
            file.write(PLANTED)
    except OSError:
        continue


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
