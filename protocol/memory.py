"""What every process of the booth that holds an identity or a key does first: its memory is never written to a disk by a crash.

It stands here because the screen and the booth share nothing else. Source: prctl(2), PR_SET_DUMPABLE; core(5).
"""

from __future__ import annotations

import ctypes
import os
import resource
from typing import Final

_SET_DUMPABLE: Final = 4


def no_core_dumps() -> None:
    """No core dump of this process, neither as a file (RLIMIT_CORE) nor through a pipe to a crash handler (not dumpable).

    A process that is not dumpable cannot be traced by its own user either. Both are lost at exec: each program calls this by itself; the
    limit alone is inherited.

    Raises:
        OSError: the kernel refuses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
