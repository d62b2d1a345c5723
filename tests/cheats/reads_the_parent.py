"""Looks for the boards to come in the parent: its memory, its environment, its open files.

Stopped by: confined calls, confined files
Outcome: worthless
"""

import contextlib
import ctypes
import os

import honest

PARENT = f"/proc/{os.getppid()}"


def look():
    seen = []
    for name in ("mem", "environ", "maps"):
        try:
            with open(f"{PARENT}/{name}", "rb") as file:
                seen.append((name, file.read(1)))
        except OSError:
            continue
    with contextlib.suppress(OSError):
        seen.extend(os.readlink(f"{PARENT}/fd/{name}") for name in os.listdir(f"{PARENT}/fd"))
    if ctypes.CDLL(None).ptrace(16, os.getppid(), None, None) == 0:
        seen.append(("ptrace", b""))
    return seen


SEEN = look()
if SEEN:
    raise SystemExit(f"the parent lets itself be read: {SEEN}")


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
