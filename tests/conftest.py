"""What all tests share: a small sound folder of evidence, one seed for the property tests too, and the processes.

A run says the same twice; ``HYPOTHESIS_PROFILE=explore`` looks for new cases.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from evidence_folder import write_small_evidence

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

PROCESSES = 2
"""As many as a small machine has cores, and memory for: some tests take two gigabytes."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Share all fast tests out; a choice of tests starts sooner in one process, and slow ones fit on all cores."""
    is_choice = config.args_source is pytest.Config.ArgsSource.ARGS or config.option.keyword
    return 0 if is_choice or config.option.markexpr != "not slow" else min(PROCESSES, os.cpu_count() or 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a small sound folder of evidence, for a test to harm."""
    return write_small_evidence(tmp_path / "data")
