"""The form of the JSON part of a record: what it must hold, and what keeps other JSON from being one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any


def a_line_each(parts: Mapping[str, Any]) -> str:
    """Write JSON with a line for each part: indented throughout, it takes ten times as long."""
    return "{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(part)}" for name, part in parts.items()) + "\n}"


def draws_name(model: str, digest: str) -> str:
    """Name the file of a record's draws by its content."""
    return f"{model}-{digest[:12]}.nc"


def _is_digest(found: str) -> bool:
    return len(found) == 64 and set(found) <= set("0123456789abcdef")


def _is_text(found: object) -> bool:
    return isinstance(found, str)


def _is_anything(found: object) -> bool:
    return True


def _is_number(found: object) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


def _is_verdict(found: object) -> bool:
    return isinstance(found, bool)


def _table_of(form: Callable[[object], bool]) -> Callable[[object], bool]:
    """Give a test for an object whose values all have a form."""
    return lambda found: isinstance(found, dict) and all(map(form, found.values()))


def _object_with(**forms: Callable[[object], bool]) -> Callable[[object], bool]:
    """Give a test for an object with some named parts, each of its form."""
    return lambda found: (
        isinstance(found, dict) and all(name in found and form(found[name]) for name, form in forms.items())
    )


FORMS = {
    "layout": _is_number,
    "model": _is_text,
    "draws": _is_text,
    "sha256": _is_text,
    "made": _is_text,
    "settings": _table_of(_is_anything),
    "versions": _table_of(_is_text),
    "fingerprint": _object_with(
        evidence=_table_of(_table_of(_is_text)),
        priors=_table_of(_is_text),
        source=_table_of(_is_text),
        upstream=_table_of(_is_text),
    ),
    "evidence_rows": _table_of(_table_of(_table_of(_is_text))),
    "diagnostics": _table_of(_object_with(value=_is_number, limit=_is_number, passed=_is_verdict)),
    "passed": _is_verdict,
}
"""What the JSON file of every record holds, and in which form."""


def misshapen(manifest: object, model: str) -> str:
    """Say what keeps JSON from being a record of a model; empty if nothing does."""
    if not isinstance(manifest, dict):
        return f"it holds {type(manifest).__name__}, not an object"
    absent = [name for name in FORMS if name not in manifest]
    if absent:
        return f"without {', '.join(absent)}"
    odd = [name for name, form in FORMS.items() if not form(manifest[name])]
    if odd:
        return f"{odd[0]} has another form"
    if manifest["model"] != model:
        return "it is of another model"
    named = _is_digest(manifest["sha256"]) and manifest["draws"] == draws_name(model, manifest["sha256"])
    return "" if named else "its draws are not named by their content"
