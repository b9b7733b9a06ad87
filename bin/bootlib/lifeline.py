"""Binds a child process to the life of its parent, so that even `kill -9` of `bin/up` leaves nothing running."""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def bind_to_parent(parent: int, death_signal: int) -> None:
    """Between fork and exec: asks Linux to signal us when the parent dies; elsewhere does nothing."""
    if not sys.platform.startswith("linux"):
        return
    LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)
