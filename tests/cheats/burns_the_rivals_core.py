"""Under --against, wakes itself while its rival plays and keeps the core that both share busy.

Stopped by: frozen off the clock, CPU time while stopped
Outcome: tampered
Run with: --against honest.py
"""

import threading
import time

import honest
from waking import Waker

PLAYING = threading.Event()


def burn():
    """Spin whenever nothing is being played, that is, while the rival is."""
    while True:
        if PLAYING.is_set():
            time.sleep(0.01)
        else:
            sum(range(1000))


WAKER = Waker(20)
threading.Thread(target=burn, daemon=True).start()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    PLAYING.set()
    WAKER.wind()
    try:
        return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    finally:
        PLAYING.clear()
