"""Do weights give the answers that a fit gives, when a single row comes or goes?

For a row of each kind the model is fitted without it. Going from all evidence to that, by weights of the fit to all,
is held against the fit without the row; coming back, by weights of the fit without it, against the fit to all. Means
and standard deviations of all headline answers are compared, in units of the Monte Carlo standard error of their
difference; the same is told of the answers before the change, for a row that moves nothing proves nothing. Refused
weights are listed as such: there a fit is made.

Of each kind two rows are taken, those that rank at the middle and at nine tenths by the variance of their log density
over the posterior, which is what makes weights uneven.

Answers of one model are correlated, and coming and going compare the same two fits; so the largest difference of a
change is judged by Bonferroni's bound over its answers, which holds for any correlation, and errs to the safe side.

Usage: ``uv run python analyses/update_agreement.py`` after ``uv run resurge fit``; a fit for each row. Fits are kept in
``analyses/posteriors/agreement/``, so a stopped run goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from resurge.evidence import Evidence, load_evidence
from resurge.findings.estimands import Estimand, estimands
from resurge.inference.evidence_seen import READINGS
from resurge.inference.fit import drawn
from resurge.inference.freshness import WATCHED, fingerprint, model_status
from resurge.inference.gate import passed
from resurge.inference.influence import draws_under
from resurge.inference.left_out_rows import answers_of
from resurge.inference.left_out_sources import fingerprint_without
from resurge.inference.monte_carlo import mean_of, spread_of, standard_errors_apart
from resurge.inference.records import draws_path, read_manifest, write_atomically
from resurge.inference.reweight import BULK, Fit, common_ground, reweighted, signatures
from resurge.inference.settings import Settings
from resurge.inference.stored_draws import StoredDraws, read_draws
from resurge.inference.twins import twin_of
from resurge.project import Project, find_project

Row = Mapping[str, Any]
SETTINGS = Settings(draws=600, tune=500)
"""Of fits without a row: enough for the gate."""
RANKS = (0.5, 0.9)
LOOKED_AT = 1000
"""Draws at which the densities of rows are looked at."""


@dataclass(frozen=True)
class Kind:
    """A kind of row, of which one is left out."""

    model: str
    told: str
    table: str
    chosen: Callable[[Row], bool] = lambda row: True


KINDS = (
    Kind("recurrence", "published rate", "recurrence_rates", lambda row: not row["window_chain"]),
    Kind("recurrence", "followed patients", "recurrence_person_time"),
    Kind("dormancy", "rate in a chain of windows", "recurrence_rates", lambda row: bool(row["window_chain"])),
    Kind("therapy", "effect", "therapy_effects", lambda row: row["used_as"] == "effect"),
    Kind("therapy", "report in a chain of updates", "therapy_effects", lambda row: row["used_as"] == "increment"),
    Kind("therapy", "period inside an overview", "therapy_effects", lambda row: row["used_as"] == "shape"),
    Kind("resistance", "prognosis by a marker", "resistance_effects", lambda row: row["facet"] == "marker_prognosis"),
    Kind("resistance", "response to a drug", "resistance_effects", lambda row: row["facet"] != "marker_prognosis"),
    Kind("metastasis", "share with a site", "metastasis_sites"),
    Kind("translation", "pair of experiments", "replication_pairs"),
)


@dataclass(frozen=True)
class Fitted:
    """A fit, and the evidence that it is of.

    Attributes
    ----------
    evidence : Evidence
        Tables of the fit.
    seen : dict
        Fingerprint of what the fit saw.
    path : Path
        File of its draws.
    told : dict
        Its ``diagnostics``, and the ``seconds`` that it took.
    """

    evidence: Evidence
    seen: dict[str, Any]
    path: Path
    told: Mapping[str, Any]


def fitted(project: Project, model: str, evidence: Evidence, seen: dict[str, Any], settings: Settings) -> Fitted:
    """Fit a model, or take the fit that a run before this made."""
    made_from = json.dumps([seen, settings.as_dict()], sort_keys=True).encode()
    path = project.posteriors / "agreement" / f"{model}-{hashlib.sha256(made_from).hexdigest()[:12]}.nc"
    if not path.with_suffix(".json").exists():
        started = time.monotonic()
        found, _, diagnostics = drawn(project, evidence, settings, model, progress=False)
        told = {"diagnostics": diagnostics, "seconds": round(time.monotonic() - started, 1)}
        tree = xr.DataTree.from_dict({"posterior": found.posterior})
        write_atomically(path, bytes(tree.to_netcdf(engine="h5netcdf")))
        write_atomically(path.with_suffix(".json"), json.dumps(told).encode())
    return Fitted(evidence, seen, path, json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))


def sound_fit(project: Project, model: str, evidence: Evidence, seen: dict[str, Any], settings: Settings) -> Fitted:
    """Fit a model, with more draws where its gate asks for more."""
    first = fitted(project, model, evidence, seen, settings)
    if passed(first.told["diagnostics"]):
        return first
    return fitted(project, model, evidence, seen, replace(settings, draws=4 * settings.draws))


def fit_to_all(project: Project, model: str, evidence: Evidence, settings: Settings) -> Fitted:
    """Give the stored posterior where it is a fit of today, else a fit."""
    seen = fingerprint(project, model)
    if model_status(project, model).state == "fresh":
        manifest = read_manifest(project, model)
        if "reweighted" not in manifest:
            return Fitted(evidence, seen, draws_path(project, manifest), manifest)
    return sound_fit(project, model, evidence, seen, settings)


def to_weigh(project: Project, model: str, found: Fitted) -> Fit:
    """Give draws of a fit with the likelihood of each unit, as a record holds them."""
    twin = twin_of(project, found.evidence, model, WATCHED[model].priors)
    stored, units = read_draws(found.path, "posterior"), signatures(twin, found.seen)
    by_unit = dict(zip(units, twin.by_unit(with_labels(stored), list(units)).T, strict=True))
    effective = found.told["diagnostics"][BULK]["value"]
    return Fit(stored, by_unit, units, common_ground(units, found.seen), effective)


def by_chain(answers: Mapping[str, Estimand], shape: tuple[int, int]) -> dict[str, NDArray[np.float64]]:
    """Give draws of answers on their scale, split into chains."""
    return {name: answer.on_scale.reshape(shape) for name, answer in answers.items()}


def change(project: Project, model: str, start: Fit, end: Fitted, seed: int) -> dict[str, Any]:
    """Go from one fit to the evidence of another by weights, and compare the answers."""
    rng, started = np.random.default_rng(seed), time.monotonic()
    twin = twin_of(project, end.evidence, model, WATCHED[model].priors)
    units = signatures(twin, end.seen)
    result = reweighted(start, twin, units, common_ground(units, end.seen), rng)
    told = {"k_hat": result.weights.k_hat, "effective_sample_size": result.effective, "refused": result.refusal}
    if result.refusal:
        return told
    weighed = by_chain(estimands(model, draws_under(start, twin, result, rng)), start.draws.shape)
    told["seconds"] = round(time.monotonic() - started, 2)
    stored = read_draws(end.path, "posterior")
    refitted = by_chain(answers_of(model, stored), stored.shape)
    before = differences(by_chain(answers_of(model, start.draws), start.draws.shape), refitted)
    ignored = {"root_mean_square_z_before": float(np.sqrt(np.mean(np.square(list(before.values())))))}
    return told | compared(differences(weighed, refitted)) | ignored


def differences(one: Mapping[str, NDArray], other: Mapping[str, NDArray]) -> dict[str, float]:
    """Compare means and standard deviations of the answers that both have, in standard errors."""
    found = {}
    for name in (each for each in one if each in other):
        for told, estimate in (("mean", mean_of), ("standard deviation", spread_of)):
            found[f"{told} of {name}"] = standard_errors_apart(estimate(one[name]), estimate(other[name]))
    return found


def compared(found: Mapping[str, float]) -> dict[str, Any]:
    """Summarise differences: the largest, how likely one so large is by chance, and their size altogether."""
    worst = max(found, key=lambda name: abs(found[name]))
    z = np.array(list(found.values()))
    return {
        "answers": len(z) // 2,
        "largest_z": found[worst],
        "largest_of": worst,
        "p": min(1.0, 2 * len(z) * float(stats.norm.sf(abs(found[worst])))),
        "root_mean_square_z": float(np.sqrt((z**2).mean())),
    }


def telling_row(project: Project, kind: Kind, whole: Fitted, rank: float) -> str:
    """Give the row of a kind at a rank by how much its density varies over the posterior."""
    table = getattr(whole.evidence, kind.table).fillna("")
    key = key_of(kind)
    wanted = {f"{kind.table}:{row[key]}" for row in table.to_dict("records") if kind.chosen(row)}
    twin = twin_of(project, whole.evidence, kind.model, WATCHED[kind.model].priors)
    stored = read_draws(whole.path, "posterior")
    n = stored.shape[0] * stored.shape[1]
    varies = twin.by_row(with_labels(stored.at(np.linspace(0, n - 1, LOOKED_AT).astype(int)))).var(0)
    ranked = [row for _, row in sorted(zip(varies, twin.rows, strict=True)) if row in wanted]
    return ranked[int(rank * (len(ranked) - 1))].partition(":")[2]


def with_labels(stored: StoredDraws) -> dict[str, NDArray]:
    """Give arrays and labels of stored draws together."""
    return {**stored.arrays, **{name: np.array(each) for name, each in stored.labels.items()}}


def key_of(kind: Kind) -> str:
    """Give the column that names the rows of a kind."""
    return next(reading.key for reading in READINGS[kind.model] if reading.table == kind.table)


def without(evidence: Evidence, kind: Kind, row: str) -> Evidence:
    """Leave a row out."""
    table = getattr(evidence, kind.table)
    return replace(evidence, **{kind.table: table[table[key_of(kind)] != row].reset_index(drop=True)})


def agreement(
    project: Project, kind: Kind, rank: float, evidence: Evidence, settings: Settings
) -> list[dict[str, Any]]:
    """Leave out the row of a kind at a rank and add it again, by weights, and compare with fits."""
    model = kind.model
    whole = fit_to_all(project, model, evidence, settings)
    row = telling_row(project, kind, whole, rank)
    print(f"{model}: a fit without {kind.table}:{row} ({kind.told})", flush=True)
    seen = fingerprint_without(whole.seen, [f"{kind.table}:{row}"])
    # Another seed, so that the two fits share no randomness.
    less = sound_fit(project, model, without(evidence, kind, row), seen, replace(settings, seed=settings.seed + 1))
    own = {"model": model, "row": f"{kind.table}:{row}", "kind": kind.told, "rank": rank}
    own |= {"seconds_of_fit": less.told["seconds"]}
    found = []
    for told, start, end in (("out", whole, less), ("in", less, whole)):
        if not (passed(start.told["diagnostics"]) and passed(end.told["diagnostics"])):
            found.append({**own, "change": told, "refused": "a fit failed its gate"})
            continue
        found.append({**own, "change": told, **change(project, model, to_weigh(project, model, start), end, 5)})
        print(line_of(found[-1]), flush=True)
    return found


def line_of(entry: Mapping[str, Any]) -> str:
    """Tell one change in a line."""
    told = f"{entry['model']:12} {entry['row']:32} {entry['change']:4}"
    if "k_hat" in entry:
        told += f" k {entry['k_hat']:5.2f}  ESS {entry['effective_sample_size']:5.0f}"
    if entry["refused"]:
        return f"{told}  refused: {entry['refused']}"
    return (
        f"{told}  {entry['answers']:3} answers, largest |z| {abs(entry['largest_z']):.2f} (p {entry['p']:.2f}, "
        f"{entry['largest_of']}), rms {entry['root_mean_square_z']:.2f} "
        f"(before {entry['root_mean_square_z_before']:.2f})  "
        f"{entry['seconds']:.1f} s for {entry['seconds_of_fit']:.0f} s"
    )


def stored_results(path: Path) -> list[dict[str, Any]]:
    """Read the results of runs before this one."""
    return json.loads(path.read_text(encoding="utf-8"))["changes"] if path.exists() else []


def digest(project: Project, model: str) -> str:
    """Give a short hash of the evidence, priors and code that a model rests on."""
    return hashlib.sha256(json.dumps(fingerprint(project, model), sort_keys=True).encode()).hexdigest()[:12]


def main(models: Iterable[str], project: Project, settings: Settings) -> None:
    """Compare all kinds of rows of some models, and store what was found beside the results for others."""
    evidence = load_evidence(project.data)
    path = project.folder / "analyses" / "update_agreement.json"
    for kind, rank in product((each for each in KINDS if each.model in models), RANKS):
        found = [
            {**each, "fingerprint": digest(project, kind.model)}
            for each in agreement(project, kind, rank, evidence, settings)
        ]
        own = (kind.model, kind.told, rank)
        others = [each for each in stored_results(path) if (each["model"], each["kind"], each.get("rank")) != own]
        content = {"settings": settings.as_dict(), "changes": [*others, *found]}
        write_atomically(path, json.dumps(content, indent=1).encode())
    print()
    for entry in stored_results(path):
        print(line_of(entry))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=sorted({kind.model for kind in KINDS}))
    parser.add_argument("--project", type=Path, default=Path(__file__).parent)
    given = parser.parse_args()
    main(given.models, find_project(given.project), SETTINGS)
