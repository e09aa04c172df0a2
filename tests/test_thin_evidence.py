"""Does the model hold where one kind of evidence, or all of it, is missing?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evidence_folder import write_small_evidence
from resurge.errors import UsageError
from resurge.evidence import load_evidence
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.recurrence import build_model

PATIENTS, WINDOWS = "recurrence_person_time", "recurrence_rates"


@pytest.fixture
def evidence(tmp_path):
    return load_evidence(write_small_evidence(tmp_path))


def without(evidence, *tables):
    return replace(evidence, **{table: getattr(evidence, table).iloc[:0] for table in tables})


@pytest.mark.parametrize(("missing", "left"), [(PATIENTS, 3), (WINDOWS, 2)])
def test_one_kind_of_evidence_is_enough(evidence, missing, left):
    thin = without(evidence, missing)
    design = recurrence_design(thin)
    assert len(design.person_time.row_id) + len(design.windows.row_id) == left
    model = build_model(thin, RECURRENCE)
    start = model.initial_point()
    assert np.isfinite(model.compile_logp(mode="FAST_COMPILE")(start))
    assert np.isfinite(model.compile_dlogp(mode="FAST_COMPILE")(start)).all()


def test_no_evidence_at_all_is_refused_by_name(evidence):
    with pytest.raises(UsageError, match="nothing to fit"):
        recurrence_design(without(evidence, PATIENTS, WINDOWS))
