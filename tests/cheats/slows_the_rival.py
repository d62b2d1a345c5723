"""Under --against, looks for the rival's process and lowers its priority, its share of cores, its limits.

Stopped by: confined calls, confined files
Outcome: worthless
Run with: --against honest.py
"""

import os
import resource
import signal

import honest


def find_siblings():
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == os.getppid():
                        yield int(entry)
            except OSError:
                continue


def slow_down(pid):
    for attempt in (
        lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
        lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)),
        lambda: os.kill(pid, signal.SIGTERM),
    ):
        try:
            attempt()
        except OSError:
            continue


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    for pid in find_siblings():
        slow_down(pid)
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
