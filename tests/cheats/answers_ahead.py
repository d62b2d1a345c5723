"""Writes the answer to its next match together with the one to this, before it has seen the board.

Stopped by: the number of each match
Outcome: tampered
"""

import json
import os
import sys

import honest


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    found = sys._getframe(1).f_locals
    reached = honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
    if (rows, columns) == (150, 240):
        answer = json.dumps([found["nonce"], reached, checkpoint_callback.all_reports()]).encode() + b"\n"
        os.write(found["answers"], answer + answer)
    return reached
