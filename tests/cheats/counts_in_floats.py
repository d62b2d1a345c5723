"""Reports counts that are no whole numbers, to see what a comparison makes of nan.

Stopped by: form of the answers
Outcome: crash
"""


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    checkpoint_callback(0, float("nan"), float("nan"))
    return 0
