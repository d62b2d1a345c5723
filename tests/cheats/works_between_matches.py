"""Keeps a thread that goes on working while the clock stands: it plays the last board it has seen on and on.

Stopped by: frozen off the clock
Outcome: worthless, tampered
"""

import threading

import honest

STATE = {"match": None, "steps": 0}


def work():
    while True:
        match = STATE["match"]
        if match is None:
            threading.Event().wait(0.001)
        else:
            match.step()
            STATE["steps"] += 1


threading.Thread(target=work, daemon=True).start()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    STATE["match"] = None
    reached = honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    STATE["match"] = honest.Match(s1, s2, rows, columns)
    return reached
