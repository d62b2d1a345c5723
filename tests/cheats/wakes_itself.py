"""Has a timer wake it whenever the referee has stopped it, to work while the clock stands.

Stopped by: frozen off the clock, CPU time while stopped
Outcome: tampered
"""

import threading

import honest
from waking import Waker

WAKER = Waker(5)


def work():
    while True:
        sum(range(1000))


threading.Thread(target=work, daemon=True).start()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    WAKER.wind()
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
