"""Are fits without single sources kept for as long as what they answer holds, and no longer?"""

import json

import pytest

from resurge.inference import kept_fits as kept
from resurge.project import Project

MODEL, NOW = "recurrence", {"evidence": {"t": {"a": "1"}}, "priors": {}, "source": {}, "upstream": {}}
FIRST, SECOND = ({"by": "fit", "answers": {}, "p_conflict": p} for p in (0.5, 0.25))


@pytest.fixture
def project(tmp_path):
    (tmp_path / "analyses").mkdir()
    return Project(tmp_path)


def changed(project, **parts):
    path = kept.kept_fits_path(project, MODEL)
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


def test_fits_are_kept_beside_those_before(project):
    assert kept.kept_fits(project, MODEL, NOW) == {}
    kept.keep_fits(project, MODEL, NOW, {"alpha": FIRST})
    kept.keep_fits(project, MODEL, NOW, {"beta": SECOND})
    assert kept.kept_fits(project, MODEL, NOW) == {"alpha": FIRST, "beta": SECOND}


def test_fits_of_other_evidence_are_not_read_and_not_kept_on(project):
    kept.keep_fits(project, MODEL, NOW, {"alpha": FIRST})
    later = {**NOW, "evidence": {"t": {"a": "2"}}}
    assert kept.kept_fits(project, MODEL, later) == {}
    kept.keep_fits(project, MODEL, later, {"beta": SECOND})
    assert kept.kept_fits(project, MODEL, later) == {"beta": SECOND}
    assert kept.kept_fits(project, MODEL, NOW) == {}


def test_fits_answered_by_other_code_are_not_read(project, monkeypatch):
    kept.keep_fits(project, MODEL, NOW, {"alpha": FIRST})
    monkeypatch.setattr(kept, "answer_code", lambda model: {"findings/estimands.py": "another"})
    assert kept.kept_fits(project, MODEL, NOW) == {}


@pytest.mark.parametrize("parts", [{"layout": 1}, {"code": {}}, {"fingerprint": ""}])
def test_what_is_of_another_version_is_not_read(project, parts):
    kept.keep_fits(project, MODEL, NOW, {"alpha": FIRST})
    changed(project, **parts)
    assert kept.kept_fits(project, MODEL, NOW) == {}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"layout": 2}', "[" * 100_000])
def test_what_is_damaged_is_not_read(project, text):
    kept.kept_fits_path(project, MODEL).write_text(text)
    assert kept.kept_fits(project, MODEL, NOW) == {}
