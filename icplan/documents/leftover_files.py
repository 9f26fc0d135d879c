"""Temporary files that a killed program has left beside what it was to write."""

from __future__ import annotations

import glob
import os
import re
import time
from typing import IO, Final

try:
    import fcntl
except ImportError:  # not on Windows, where a file that is open cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

STALE_AFTER: Final = 86_400.0
"""Seconds after which nobody writes to one any more."""
_TEMPORARY: Final = r"\.[0-9a-f]{8}\.tmp$"


def lock(file: IO[bytes]) -> None:
    """Mark a temporary file as one that is being written, as long as it is open."""
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # a file system without locks: its age alone tells


def remove_stale(target: str) -> None:
    """Remove the temporary files of a target that are older than a day and that nobody holds."""
    for name in glob.glob(f"{glob.escape(target)}.????????.tmp"):  # noqa: PTH207  (names as they are)
        if not re.search(_TEMPORARY, name):
            continue
        try:
            if time.time() - os.lstat(name).st_mtime > STALE_AFTER and not _held(name):
                os.unlink(name)  # noqa: PTH108
        except OSError:
            continue  # it is another's, or gone: what is to be written does not hang on it


def _held(name: str) -> bool:
    if fcntl is None:
        return False
    with open(name, "rb") as file:  # noqa: PTH123
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
