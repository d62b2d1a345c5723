"""Prints without end.

Stopped by: limits
Outcome: crash
"""


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    while True:
        print("generations_per_s:  999999999.00\n" * 1000)
