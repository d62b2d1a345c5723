"""Replaces the functions of the time module, and the module, by ones that run at a tenth of the speed.

Stopped by: the parent's clock
Outcome: worthless
"""

import sys
import time
import types

import honest

START = time.perf_counter()
_now = time.perf_counter


def slow(*_):
    return START + (_now() - START) / 10


for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
    setattr(time, name, slow)
    setattr(time, name + "_ns", lambda: int(slow() * 1e9))
sys.modules["time"] = types.SimpleNamespace(**vars(time))


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
