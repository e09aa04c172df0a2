"""What comes with the package for new projects: the codebook, the pages, templates.

A wheel holds codebook and pages beside the templates. A checkout holds them where they live, in ``data/`` and
``reports/``.
"""

from __future__ import annotations

from pathlib import Path

import resurge
from resurge.errors import UsageError

PACKAGE = Path(resurge.__file__).parent
TEMPLATES = PACKAGE / "templates"
EXAMPLE = TEMPLATES / "example"


def shipped(name: str) -> Path:
    """Find a file of the project that this package was made from.

    Parameters
    ----------
    name : str
        Its place, ``data/datapackage.yaml`` for instance.

    Raises
    ------
    UsageError
        If this installation does not have it.
    """
    for root in (TEMPLATES / "shipped", PACKAGE.parents[1]):
        if (root / name).is_file():
            return root / name
    raise UsageError(f"{name} did not come with this installation of resurge; install it again")


def template(name: str) -> str:
    """Read a template."""
    return (TEMPLATES / name).read_text(encoding="utf-8")
