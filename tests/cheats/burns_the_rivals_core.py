"""Under --against, wakes itself while its rival plays and keeps the core that both share busy.

Stopped by: CPU time while stopped
Outcome: tampered
Run with: --against honest.py
"""

import threading
import time

import honest
from waking import wake_every

PLAYING = threading.Event()


def burn():
    """Spin whenever nothing is being played, that is, while the rival is."""
    while True:
        if PLAYING.is_set():
            time.sleep(0.01)
        else:
            sum(range(1000))


wake_every(20)
threading.Thread(target=burn, daemon=True).start()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    PLAYING.set()
    try:
        return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    finally:
        PLAYING.clear()
