"""What the numba rungs share: how they are compiled, and the test for victory in compiled form.

A stretch of generations is played without the interpreter, so the window of match.Victory has to be there too. It is
the same test, kept in an array of floats instead of an object, since arrays are what compiled functions take in at no
cost, and keep between calls:

    window = start_victory(count1, count2)         once per match, in Python
    if is_won(window, count1, count2): ...         after every generation, in a compiled loop
"""

import numpy as np
from numba import njit

from variants import match

WINDOW = match.WINDOW
TOLERANCE = match.TOLERANCE
# Behind the shares lie their sum, the last three means and the generation.
TOTAL, BEFORE, MIDDLE, NOW, GENERATION = range(WINDOW, WINDOW + 5)

# Compiled at the first call, for the types it is called with. Without numpy's error model each division would be
# preceded by a test for zero, and end in an exception; here no divisor can be zero.
jit = njit(nogil=True, error_model="numpy")


def start_victory(count1, count2):
    """Return the window at generation 0, float64, from its counts."""
    window = np.zeros(GENERATION + 1)
    window[0] = match.share(count1, count2)
    return window


@jit
def is_won(window, count1, count2):
    """Take the next generation's counts; return whether that generation decides the match."""
    window[GENERATION] += 1
    generation = int(window[GENERATION])
    slot = generation % WINDOW
    new = share(count1, count2)
    old = window[slot]
    window[slot] = new
    if generation < WINDOW:
        return False
    # The running sum drifts by rounding; summing afresh once per turn of the window keeps that below 1e-9.
    window[TOTAL] = window[:WINDOW].sum() if slot == 0 else window[TOTAL] + new - old
    removed, before, middle = window[BEFORE], window[MIDDLE], window[NOW]
    now = window[TOTAL] / WINDOW
    window[BEFORE], window[MIDDLE], window[NOW] = before, middle, now
    if removed == 0 or count1 == count2:
        return False
    if count1 == 0 or count2 == 0:
        return True
    return (
        is_close(middle, now)
        and is_close(before, middle)
        and not (is_close(before, 50.0) or is_close(middle, 50.0) or is_close(now, 50.0))
    )


@jit
def share(count1, count2):
    """The larger team's share of the live cells, in percent; 0 where nothing lives."""
    return 100 * max(count1, count2) / (count1 + count2 + 1e-12)


@jit
def is_close(a, b):
    return abs(a - b) / max(abs(a), abs(b), 1e-12) < TOLERANCE
