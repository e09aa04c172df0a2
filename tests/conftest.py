"""What all tests share: a small sound folder of evidence, and one seed for the property tests too.

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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a small sound folder of evidence, for a test to harm."""
    return write_small_evidence(tmp_path / "data")
