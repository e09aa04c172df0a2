"""Does the README say what the data, the model and the folders say?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from resurge.evidence import load_evidence
from resurge.project import Project
from resurge.reporting import readme

PROJECT = Project(Path(__file__).parents[1])
TEXT = (PROJECT.folder / "README.md").read_text(encoding="utf-8")


def test_the_evidence_table_is_made_from_the_data():
    assert readme.block(TEXT, "evidence") == readme.evidence_table(load_evidence(PROJECT.data))


def test_the_answer_rests_on_todays_evidence_priors_and_model():
    (mark,) = re.findall(r"<!-- fingerprint (\w+) -->", readme.block(TEXT, "answer"))
    assert mark == readme.fingerprint_hash(PROJECT), "run resurge fit and analyses/refresh_readme.py"


def test_every_linked_file_is_there():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not link.startswith("http")]
    assert len(links) > 5
    assert [link for link in links if not (PROJECT.folder / link).exists()] == []


def test_blocks_are_replaced_once():
    text = "a\n<!-- x -->\nold\n<!-- /x -->\nb"
    assert readme.with_block(text, "x", "new") == "a\n<!-- x -->\nnew\n<!-- /x -->\nb"
    assert readme.block(text, "x") == "old"
    with pytest.raises(ValueError, match="0 blocks"):
        readme.with_block(text, "y", "new")
    with pytest.raises(ValueError, match="no block"):
        readme.block(text, "y")
