"""How a stopped process could wake itself: a timer of the kernel's that sends it SIGCONT."""

import ctypes
import signal


class Event(ctypes.Structure):
    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("how", ctypes.c_int),
        ("rest", ctypes.c_byte * 48),
    )


class Interval(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns"))


class Waker:
    """Has the kernel send this process SIGCONT every so often, whether it runs or not."""

    def __init__(self, milliseconds):
        signal.signal(signal.SIGCONT, lambda *_: None)  # a timer isn't set again after a signal that is ignored
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.timer = ctypes.c_void_p()
        self.nanoseconds = milliseconds * 1_000_000
        if self.libc.timer_create(1, ctypes.byref(Event(None, signal.SIGCONT, 0)), ctypes.byref(self.timer)) != 0:
            raise OSError(ctypes.get_errno(), "timer_create")
        self.wind()

    def wind(self):
        """Set the timer. A signal that is pending when the process is stopped is lost, and the timer with it."""
        interval = Interval(0, self.nanoseconds, 0, self.nanoseconds)
        self.libc.timer_settime(self.timer, 0, ctypes.byref(interval), None)
