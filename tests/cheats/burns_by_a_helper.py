"""Under --against, a helper process keeps the rival's core busy whenever its master is stopped.

Stopped by: confined calls
Outcome: worthless
Run with: --against honest.py
"""

import os
import time

import honest


def burn(master):
    """Spin while the master is stopped, that is, while the rival plays."""
    while True:
        try:
            with open(f"/proc/{master}/stat") as file:
                state = file.read().rpartition(")")[2].split()[0]
        except OSError:
            os._exit(0)
        if state == "T":
            sum(range(100000))
        else:
            time.sleep(0.002)


MASTER = os.getpid()
try:
    if os.fork() == 0:
        burn(MASTER)
except OSError:
    pass


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
