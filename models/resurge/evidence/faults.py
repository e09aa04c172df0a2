"""What is wrong with the evidence, said so that it can be put right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from resurge.errors import ResurgeError

SHOWN_LENGTH = 60
"""Longest stretch of a faulty value that a message repeats."""

NOTHING = "-"
"""Stands for a row, column or value that the fault does not have."""


def shown(value: str) -> str:
    """Give a value as a message may show it: short, on one line, with invisible characters made visible.

    Parameters
    ----------
    value : str
        Any text, also undecodable bytes in the form of lone surrogates.

    Returns
    -------
    str
        The value, ``(blank)`` if it is empty; control and format characters, unusual spaces and broken bytes are
        escaped, and long values lose their middle.
    """
    if value == "":
        return "(blank)"
    if len(value) > SHOWN_LENGTH:
        half = (SHOWN_LENGTH - 3) // 2
        value = f"{value[:half]}...{value[-half:]}"
    outer_spaces = value != value.strip(" ")
    return f"'{escaped(value)}'" if outer_spaces else escaped(value)


def escaped(text: str) -> str:
    """Give a text on one line: control and format characters, unusual spaces and broken bytes are escaped."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character.isprintable():  # false for controls, format characters, surrogates and spaces other than " "
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the file, the row, the column, the value, and what would be right.

    ``row`` is the key of the row where it has a sound one of its own, else ``line N``.
    """

    table: str
    row: str
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        """Give the fault as ``table:row:column: value: what is wrong``."""
        return f"{self.table}:{self.row}:{self.column}: {self.value}: {self.message}"


class EvidenceError(ResurgeError):
    """The evidence is faulty; all its faults stand in ``faults``, one a line in the text."""

    exit_code = 1

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
