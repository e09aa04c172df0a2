"""Reading the glossary of a model from the docstring of its module."""

from __future__ import annotations

import re
from collections.abc import Collection
from types import ModuleType


def glossary_of(module: ModuleType, symbols: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Read symbol and dims from the table in a module's docstring, without the symbols that are no variables."""
    table = re.findall(r"^=+ =+ =+\n(.*?)(?=^=+ =+ =+$)", module.__doc__, flags=re.M | re.S)
    bars = re.search(r"^=+ =+ =+$", module.__doc__, flags=re.M).group().split(" ")
    first, second = len(bars[0]), len(bars[0]) + 1 + len(bars[1])
    rows = [(line[:first].strip(), line[first:second].strip()) for line in table[-1].splitlines()]
    return {name: tuple(filter(None, dims.split(", "))) for name, dims in rows if name and name not in symbols}
