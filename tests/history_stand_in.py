"""Made-up histories and influence with answers known beforehand, and text in them that means harm."""

import json
import math

from resurge.inference.freshness import fingerprint
from resurge.inference.history import Entry, history_folder
from resurge.inference.influence import LAYOUT as INFLUENCE_LAYOUT
from resurge.inference.influence import influence_path
from resurge.inference.influence_code import influence_code
from resurge.inference.records import read_manifest
from resurge.inference.what_moved import answers_compared, changes_between, named
from resurge.project import Project
from resurge.reporting.changes_view import ChangesView, ModelChange
from resurge.reporting.influence_view import LATE_HAZARD, InfluenceView
from resurge.reporting.model_influence import ModelInfluence

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) `c`\u202e\n"
LATE = {er: f"ER-{er}: {LATE_HAZARD}" for er in ("negative", "positive")}
SHARE = "ER-negative: share of recurrences after year 5"
FIXED = "ER-positive: year of the peak"


def told(kind, median, sd):
    """Summary of an answer that is normal on its scale."""
    middle = math.log(median) if kind in ("rate", "ratio") else median
    lower, upper = middle - 1.96 * sd, middle + 1.96 * sd
    limits = (math.exp(lower), math.exp(upper)) if kind in ("rate", "ratio") else (lower, upper)
    on_scale = {"mean_on_scale": middle, "sd_on_scale": sd}
    return {"kind": kind, "median": median, "lower": limits[0], "upper": limits[1], **on_scale}


def before():
    answers = {SHARE: told("share", 0.2, 0.02), FIXED: told("years", 3.0, 0.0)}
    answers |= {LATE["positive"]: told("rate", 0.02, 0.1), LATE["negative"]: told("rate", 0.01, 0.2)}
    rows = {"r1": {"value": "0.1"}, "r2": {"value": "0.3"}, "r3": {"value": "0.4"}}
    return content("2026-01-02T03:04:05+00:00", "fitted", rows, answers, [])


def after():
    """Late ER-positive hazard up by half an SD, the share down by a quarter; a row gone, one new, one changed."""
    answers = {SHARE: told("share", 0.195, 0.02), FIXED: told("years", 3.0, 0.0)}
    answers |= {LATE["positive"]: told("rate", 0.02 * math.exp(0.05), 0.1), LATE["negative"]: told("rate", 0.01, 0.2)}
    rows = {"r1": {"value": "0.1"}, "r3": {"value": HOSTILE}, f"r4{HOSTILE}": {"value": "0.5"}}
    shifts = [
        shift("recurrence_rates:r2", 0.1, 0.2),
        shift(f"recurrence_rates:r4{HOSTILE}", 0.45, 0.1),
        shift("recurrence_rates:r3", -0.2, math.inf),
        shift("recurrence_rates:r9", 0.01, 0.1),
    ]
    return content("2026-02-03T04:05:06+00:00", "reweighted", rows, answers, shifts)


def shift(row, sds, k_hat):
    return {"row": row, "answer": LATE["positive"], "sds": sds, "k_hat": k_hat}


def content(made, how, rows, answers, shifts):
    seen = {"recurrence_rates": {row: str(hash(tuple(cells.items()))) for row, cells in rows.items()}}
    return {
        "layout": 1, "model": "recurrence", "made": made, "how": how, "sha256": made, "settings": {"seed": 1},
        "fingerprint": {"evidence": seen, "priors": {}, "source": {}, "upstream": {}},
        "evidence_rows": {"recurrence_rates": rows}, "answers": answers, "shifts": shifts,
    }  # fmt: skip


def write_history(project: Project, model: str = "recurrence"):
    """Write two entries of a model's history."""
    history_folder(project).mkdir(parents=True, exist_ok=True)
    for number, entry in enumerate((before(), after()), start=1):
        path = history_folder(project) / f"{model}-{number}.json"
        path.write_text(json.dumps({**entry, "model": model}), encoding="utf-8")


def comparison():
    old, new = Entry(1, "recurrence", before()), Entry(2, "recurrence", after())
    return {
        "model": "recurrence", "old": named(old), "new": named(new),
        "changes": [each.as_dict() for each in changes_between(old.content, new.content)],
        "answers": list(answers_compared(old, new, new.content["shifts"])),
    }  # fmt: skip


def influence():
    """Late ER-positive hazard up by one SD without alpha, by a fit, and down by half of one without beta."""
    answers = before()["answers"]
    return {
        "layout": INFLUENCE_LAYOUT, "model": "recurrence", "sha256": "", "fingerprint": {}, "code": {},
        "answers": answers,
        "sources": {
            "beta1999": source("weights", -0.05, 0.8),
            "alpha2001": source("fit", 0.1, 0.01),
            f"gamma{HOSTILE}": source("weights", 0.02, 0.03),
            "delta2020": {
                "rows": ["recurrence_rates:r2"], "by": "refused", "why": "Pareto k-hat 1.60, limit 0.7",
                "k_hat": math.inf, "effective_sample_size": 12.0, "answers": {}, "p_conflict": None,
            },
        },
    }  # fmt: skip


def source(by, moved, p):
    answers = before()["answers"] | {LATE["positive"]: told("rate", 0.02 * math.exp(moved), 0.1)}
    rows = ["recurrence_rates:r1", "recurrence_rates:r3"]
    return {"rows": rows, "by": by, "why": "", "k_hat": 0.3, "effective_sample_size": 900.0, "answers": answers,
            "p_conflict": p}  # fmt: skip


def write_influence(project: Project, model: str = "recurrence"):
    """Write influence as that of the stored draws of a model."""
    own = {"model": model, "sha256": read_manifest(project, model)["sha256"]}
    found = {**influence(), **own, "fingerprint": fingerprint(project, model), "code": influence_code(model)}
    influence_path(project, model).write_text(json.dumps(found), encoding="utf-8")


NAMES = {"alpha2001": "Alpha et al. 2001", "beta1999": "Beta 1999"}
MODELS = ("timing", "effects", "sites", "sleep", "mechanisms", "repetitions")


def changes(project: Project) -> ChangesView:
    view = ChangesView(project)
    view.__dict__.update({name: ModelChange(comparison()) for name in MODELS})
    return view


def influences(project: Project) -> InfluenceView:
    view = InfluenceView(project)
    view.__dict__.update({name: ModelInfluence(influence(), "", NAMES) for name in MODELS})
    return view
