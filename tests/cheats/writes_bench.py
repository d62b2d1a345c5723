"""Finds the referee by the command line of its parent and rewrites it to trust everybody.

Stopped by: confined files, files are looked at
Outcome: worthless, tampered
Run with: --as-command
"""

import contextlib
import os

import honest


def rewrite():
    with open(f"/proc/{os.getppid()}/cmdline", "rb") as file:
        (path,) = (argument for argument in file.read().split(b"\0") if argument.endswith(b"/bench.py"))
    with open(path, "r+b") as file:
        text = file.read().replace(b'verdict, exit_code = "wrong", 1', b'verdict, exit_code = "ok", 0')
        file.seek(0)
        file.write(text)
        file.truncate()


with contextlib.suppress(OSError, ValueError):
    rewrite()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
