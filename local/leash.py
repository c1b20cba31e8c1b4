"""Becomes the command in its arguments, to be killed by the kernel when its parent ends."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1

parent = os.getppid()
ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
if parent == 1 or os.getppid() != parent:
    # The parent was gone before it could be watched.
    sys.exit(1)
os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command is the caller's own
