"""How a record was made, where that differs from how it would be made here: no reason to fit again, but worth a note.

The same rows, priors and model give the same posterior up to Monte Carlo error, whatever the versions of the packages
and the number of draws; and a clock that was wrong harms nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from resurge.inference.changes import Change, mapping_changes
from resurge.inference.settings import Settings

OF_NO_MATTER = ("cores",)
"""Settings that change no draw: chains come out the same however many cores they share."""


def notes(manifest: Mapping[str, Any], now: datetime | None = None) -> Iterator[Change]:
    """List versions and settings that are not those of here, and a date of making that is still to come.

    Parameters
    ----------
    manifest : mapping
        JSON part of the record.
    now : datetime, optional
        Time with its zone; that of the clock unless given.

    Yields
    ------
    Change
        ``before`` of the record, ``after`` of here (the defaults, for settings).
    """
    stored = manifest["versions"]
    yield from mapping_changes("versions", stored, {name: found for name in stored if (found := _installed(name))})
    defaults = Settings().as_dict()
    settings = {name: value for name, value in manifest["settings"].items() if name not in OF_NO_MATTER}
    yield from mapping_changes("settings", settings, {name: defaults.get(name, settings[name]) for name in settings})
    now = now or datetime.now(UTC)
    made = _moment(manifest.get("made"))
    if made is not None and made > now:
        yield Change("clock", "changed", "made", before=made.isoformat(), after=now.isoformat(timespec="seconds"))


def note_texts(changes: tuple[Change, ...]) -> list[str]:
    """Say each kind of note in one sentence."""
    texts = {
        "versions": ("made with", "{name} {before}; here is {after}"),
        "settings": ("drawn with", "{name} {before} instead of {after}"),
        "clock": ("made at", "{before}, which is still to come by the clock here ({after})"),
    }
    said = []
    for part, (opening, each) in texts.items():
        named = [each.format(name=c.name, before=c.before, after=c.after or "none") for c in changes if c.part == part]
        if named:
            said.append(f"{opening} {', '.join(named)}")
    return said


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
