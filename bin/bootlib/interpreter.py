"""Starts a script again with a newer Python where the one at hand is too old. Written so that any Python 3 can read it."""

import os
import shutil
import sys


def require(script):
    """Returns when this Python is 3.11 or newer; else replaces the process, or ends it with one line."""
    if sys.version_info >= (3, 11):
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        path = shutil.which(name)
        if path:
            os.execv(path, [path] + sys.argv)
    sys.exit("%s: Python 3.11 or newer is needed, this is %d.%d." % ((script,) + tuple(sys.version_info[:2])))  # noqa: UP031
