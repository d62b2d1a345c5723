"""Plays each match in a new thread, while another one waits for it.

Speed: as the honest program
Run with: --cores 2
"""

import threading

import honest


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    result = []

    def play():
        result.append(honest.run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback))

    player = threading.Thread(target=play)
    waiter = threading.Thread(target=player.join)
    player.start()
    waiter.start()
    waiter.join()
    return result[0]
