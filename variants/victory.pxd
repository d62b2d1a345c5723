"""The test for victory as inline C code, for the compiled rungs: the same as match.Victory.

A stretch of generations is played without the interpreter, so the test has to be there too.
"""

from libc.math cimport fabs


cdef extern from *:
    """
    #define VICTORY_WINDOW 280
    """
    enum:
        WINDOW "VICTORY_WINDOW"


cdef struct Victory:
    double[WINDOW] shares
    double total
    double[3] means
    Py_ssize_t generation
    Py_ssize_t slot  # generation % WINDOW


cdef inline void start_victory(Victory* self, Py_ssize_t count1, Py_ssize_t count2) noexcept nogil:
    """Begin at generation 0 with its counts."""
    cdef Py_ssize_t i
    for i in range(WINDOW):
        self.shares[i] = 0.0
    self.shares[0] = share(count1, count2)
    self.total = 0.0
    for i in range(3):
        self.means[i] = 0.0
    self.generation = 0
    self.slot = 0


cdef inline bint is_won(Victory* self, Py_ssize_t count1, Py_ssize_t count2) noexcept nogil:
    """Take the next generation's counts; return whether that generation decides the match."""
    cdef double new = share(count1, count2)
    cdef double old, removed, before, middle, now
    cdef Py_ssize_t i
    self.generation += 1
    self.slot = self.slot + 1 if self.slot + 1 < WINDOW else 0
    old = self.shares[self.slot]
    self.shares[self.slot] = new
    if self.generation < WINDOW:
        return False
    if self.slot == 0:
        # The running sum drifts by rounding; summing afresh once per turn of the window keeps that below 1e-9.
        self.total = 0.0
        for i in range(WINDOW):
            self.total += self.shares[i]
    else:
        self.total += new - old
    removed = self.means[0]
    before = self.means[0] = self.means[1]
    middle = self.means[1] = self.means[2]
    now = self.means[2] = self.total / WINDOW
    if removed == 0 or count1 == count2:
        return False
    if count1 == 0 or count2 == 0:
        return True
    return (
        is_close(middle, now)
        and is_close(before, middle)
        and not (is_close(before, 50.0) or is_close(middle, 50.0) or is_close(now, 50.0))
    )


cdef inline double share(Py_ssize_t count1, Py_ssize_t count2) noexcept nogil:
    """The larger team's share of the live cells, in percent; 0 where nothing lives."""
    return 100 * max(count1, count2) / (<double> (count1 + count2) + 1e-12)


cdef inline bint is_close(double a, double b) noexcept nogil:
    return fabs(a - b) / max(fabs(a), fabs(b), 1e-12) < 1e-8
