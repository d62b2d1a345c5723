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


def wake_every(milliseconds):
    """Have the kernel send this process SIGCONT every so often, whether it runs or not."""
    signal.signal(signal.SIGCONT, lambda *_: None)  # a timer isn't set again after a signal that is ignored
    libc = ctypes.CDLL(None, use_errno=True)
    timer = ctypes.c_void_p()
    event = Event(None, signal.SIGCONT, 0)
    if libc.timer_create(1, ctypes.byref(event), ctypes.byref(timer)) != 0:
        raise OSError(ctypes.get_errno(), "timer_create")
    nanoseconds = milliseconds * 1_000_000
    libc.timer_settime(timer, 0, ctypes.byref(Interval(0, nanoseconds, 0, nanoseconds)), None)
