"""Where a project keeps its evidence, its posteriors and its reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from resurge.errors import UsageError


class ProjectNotFoundError(UsageError):
    """No folder from here upwards holds ``data/datapackage.yaml``."""


@dataclass(frozen=True)
class Project:
    """Folders of a project.

    Parameters
    ----------
    folder : pathlib.Path
        The folder that holds ``data/``.
    """

    folder: Path

    @property
    def data(self) -> Path:
        """Evidence tables and their codebook."""
        return self.folder / "data"

    @property
    def posteriors(self) -> Path:
        """Records of fits."""
        return self.folder / "analyses" / "posteriors"

    @property
    def reports(self) -> Path:
        """Sources of the reports."""
        return self.folder / "reports"


def find_project(start: Path) -> Project:
    """Find the project that a folder belongs to.

    Parameters
    ----------
    start : pathlib.Path
        Any folder inside the project.

    Raises
    ------
    ProjectNotFoundError
        If neither the folder nor one above it holds ``data/datapackage.yaml``.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "data" / "datapackage.yaml").is_file():
            return Project(folder)
    raise ProjectNotFoundError(
        f"{start}: no data/datapackage.yaml here or in a folder above; go to a resurge project or name one with "
        f"--project"
    )
