"""Sends its boards to a helper that might know the answers, through every kind of door.

Stopped by: confined calls, confined files
Outcome: worthless
"""

import ctypes
import socket

import honest

DOORS = (
    lambda: socket.create_connection(("127.0.0.1", 9), timeout=0.1),
    lambda: socket.socket(socket.AF_UNIX).bind("\0escape"),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"board", ("127.0.0.1", 9)),
)


def open_doors():
    opened = []
    for door in DOORS:
        try:
            opened.append(door())
        except OSError:
            continue
    if ctypes.CDLL(None).shmget(0x5EED, 4096, 0o1666) >= 0:
        opened.append("shared memory")
    return opened


OPENED = open_doors()
if OPENED:
    raise SystemExit(f"the door is open: {OPENED}")


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback)
