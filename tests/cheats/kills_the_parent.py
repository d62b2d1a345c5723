"""Kills the referee before it can say anything, or stops it, and hopes that silence passes for success.

Stopped by: confined files
Outcome: worthless, killed
Run with: --as-command
"""

import contextlib
import os
import signal

import honest


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    if (rows, columns) == (150, 240):
        with contextlib.suppress(OSError):
            os.kill(os.getppid(), signal.SIGKILL)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
