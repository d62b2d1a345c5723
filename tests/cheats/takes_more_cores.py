"""Widens its own affinity to all cores and lets a second thread and a second process work there for it.

Stopped by: confined calls, CPU time is charged
Outcome: worthless
"""

import contextlib
import os
import threading

import honest

for attempt in (
    lambda: os.sched_setaffinity(0, range(os.cpu_count())),
    lambda: os.nice(-10),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
):
    with contextlib.suppress(OSError):
        attempt()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    helper = threading.Thread(target=sum, args=(range(10000),))
    helper.start()
    reached = honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    helper.join()
    return reached
