"""Writing so that whoever is stopped at any moment, or runs out of disk, leaves what stood there before.

A file is written whole under a temporary name in its folder and moved into place. The temporary name holds the number
of the process, so that what a killed process left behind can be told from what a living one is writing.
"""

from __future__ import annotations

import ctypes
import errno
import itertools
import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from resurge.errors import ResurgeError

ABANDONED_AFTER = 24 * 3600.0
"""Seconds after which a temporary file is swept whatever its process number says: numbers are given out again."""
_TEMPORARY = re.compile(r"^[._].*\.(part|new|old)-(\d+)-\d+$")
_NUMBERS = itertools.count()
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


class NotWrittenError(ResurgeError):
    """A file or folder cannot be written; what stood there before is kept."""

    exit_code = 7

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or str(error) or type(error).__name__
        super().__init__(f"{path} cannot be written ({reason}); what was there before is kept")


def says_unwritable(error: OSError) -> bool:
    """Tell whether an error is about a place that takes no more: full, read-only or forbidden."""
    return error.errno in _UNWRITABLE


def temporary_beside(path: Path, kind: str = "part") -> Path:
    """Name a hidden file in the same folder that no other process or thread uses.

    Parameters
    ----------
    path : pathlib.Path
        What is to be written.
    kind : {"part", "new", "old"}
        What it is for: part of a file, a folder that is being made, a folder that is being replaced.
    """
    name = path.name if path.name.startswith(("_", ".")) else f".{path.name}"
    return path.with_name(f"{name}.{kind}-{os.getpid()}-{next(_NUMBERS)}")


def write_atomically(path: Path, content: bytes | memoryview) -> None:
    """Write a file under a temporary name in its folder and move it into place; it keeps the rights that it had.

    Parameters
    ----------
    path : pathlib.Path
        The file; its folder is made if it is not there.
    content : bytes or memoryview
        All that it is to hold.

    Raises
    ------
    NotWrittenError
        If it cannot be written: the disk is full, the folder may not be written to, or is not a folder.
    """
    part = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.is_file():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        raise NotWrittenError(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink()


def sweep(folder: Path, kinds: tuple[str, ...] = ("part",)) -> None:
    """Remove what processes which are no more have left in a folder under temporary names of some kinds."""
    for path in folder.iterdir():
        named = _TEMPORARY.match(path.name)
        if named and named.group(1) in kinds and _is_abandoned(path, int(named.group(2))):
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _is_abandoned(path: Path, process: int) -> bool:
    try:
        return not is_running(process) or time.time() - path.lstat().st_mtime > ABANDONED_AFTER
    except OSError:  # gone meanwhile
        return False


def is_running(process: int) -> bool:
    """Tell whether a process of this machine lives; where that cannot be asked safely, suppose that it does."""
    if process == os.getpid() or os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def replace_folder(new: Path, target: Path) -> None:
    """Put a folder in the place of another, which is removed; both stand in the same folder.

    Where the system can exchange two folders in one step (Linux), there is no moment without a whole folder in place.
    Elsewhere there is one, and `restore_folder` mends what a process leaves that is killed in it.
    """
    if not target.exists():
        new.rename(target)
    elif _exchanged(new, target):
        shutil.rmtree(new, ignore_errors=True)
    else:
        old = temporary_beside(target, "old")
        target.rename(old)
        try:
            new.rename(target)
        except OSError:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def restore_folder(target: Path) -> None:
    """Put back the folder that a process was replacing when it was killed, if nothing stands in its place."""
    aside = sorted(target.parent.glob(f"{target.name}.old-*"), key=lambda path: path.stat().st_mtime)
    if aside and not target.exists():
        aside[-1].rename(target)


def _exchanged(one: Path, other: Path) -> bool:
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):  # not Linux, or one of long ago
        return False
    return rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
