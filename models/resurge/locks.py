"""One writer at a time: whoever comes second is told at once who is at work, and changes nothing.

The system itself holds the lock for a process and lets go of it when the process ends, however it ends. Beside the lock
file stands a small note on who holds it; the note is for the message only.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from resurge.errors import ResurgeError
from resurge.project import Project
from resurge.writing import NotWrittenError, is_running, write_atomically


class RecordLockedError(ResurgeError):
    """Another process is writing the same thing."""

    exit_code = 6


@contextmanager
def locked(path: Path, doing: str) -> Iterator[None]:
    """Be the only process that does something, or be refused; again and again within one thread.

    Parameters
    ----------
    path : pathlib.Path
        The lock file, in a folder that is made if it is not there.
    doing : str
        What is done, as others are told who come meanwhile.

    Raises
    ------
    RecordLockedError
        If another process, or another thread of this one, holds the lock.
    NotWrittenError
        If the lock file cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.resolve(), is_singleton=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise RecordLockedError(f"{_holder(path)}; nothing was changed: wait until it is done") from None
    except OSError as error:
        raise NotWrittenError(path, error) from error
    note = path.with_suffix(".holder")
    try:
        if lock.lock_counter == 1:
            write_atomically(note, json.dumps(_myself(doing)).encode())
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):
                note.unlink()
        lock.release()


def model_lock(project: Project, model: str, doing: str) -> AbstractContextManager[None]:
    """Be the only process that makes a new record of a model.

    Parameters
    ----------
    project : Project
        Where the record is.
    model : str
        Name of the model.
    doing : str
        What is done, such as ``resurge fit``.
    """
    return locked(project.posteriors / f".{model}.lock", f"{doing} {model}")


def _myself(doing: str) -> dict[str, str | int]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"process": os.getpid(), "machine": socket.gethostname(), "since": now, "doing": doing}


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.with_suffix(".holder").read_text(encoding="utf-8"))
        process, machine, since, doing = (note[name] for name in ("process", "machine", "since", "doing"))
        here = machine == socket.gethostname()
        if here and not is_running(int(process)):  # left by one that was killed; the next has not written its own yet
            return f"{path}: held by another process"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return f"{path}: held by another process"
    return f"process {process}{'' if here else f' on {machine}'} has been at work on `{doing}` since {since}"
