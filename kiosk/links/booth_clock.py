"""Whether the booth's own clock is right: what the kernel knows from whoever disciplines it (chrony, systemd-timesyncd, ntpd, PTP).

adjtimex(2) without anything to change. As systemd's `NTPSynchronized`: the clock is synchronised while its greatest possible error, which the
kernel lets grow from the last time that a source was heard, is below its highest value of 16 s.
"""

from __future__ import annotations

import ctypes

_HIGHEST_ERROR_US = 16_000_000
#: bytes behind the fields that are read, on every architecture
_REST = 256


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_char * _REST),
    )


def synchronised() -> bool:
    """Whether somebody vouches for this machine's clock. False where the kernel does not tell."""
    timex = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return False
    return trusted(state, timex.maxerror)


def trusted(state: int, greatest_error_us: int) -> bool:
    """What adjtimex(2) returned (below 0: it refused), and the greatest error in microseconds."""
    return state >= 0 and greatest_error_us < _HIGHEST_ERROR_US
