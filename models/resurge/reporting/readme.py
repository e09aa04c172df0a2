"""The parts of the project's README that are made from the data and from the posterior."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from resurge.evidence.effect_selection import is_modelled_effect
from resurge.evidence.tables import Evidence
from resurge.evidence.windows import modelled_rows
from resurge.inference.freshness import fingerprint, models_of
from resurge.project import Project
from resurge.reporting import words
from resurge.reporting.headline import headline

FIGURE = "analyses/figures/headline.svg"
EFFECT_ENDPOINTS = {
    "recurrence": ("any_recurrence", "distant_recurrence", "bone_recurrence", "locoregional"),
    "disease-free survival": ("dfs", "idfs"),
    "death": ("breast_cancer_death", "os"),
}
"""Endpoints of effects by the words of the table."""


def evidence_table(evidence: Evidence) -> str:
    """Give what the models read as a Markdown table, a row for each kind of evidence and endpoint."""
    rows = [*person_time_rows(evidence), *published_rows(evidence), *effect_rows(evidence)]
    header = "| evidence | sources | populations | endpoint | facts | years |\n|---|---|---|---|---|---|"
    return "\n".join([header, *(f"| {' | '.join(row)} |" for row in rows)])


def person_time_rows(evidence: Evidence) -> Iterator[tuple[str, ...]]:
    """Describe each open patient series."""
    table = evidence.recurrence_person_time
    for (source, population, endpoint, use), rows in table.groupby(
        ["source_id", "population", "endpoint", "use"], sort=False
    ):
        women = int(rows.loc[rows["start_year"] == 0, "n"].sum())
        facts = f"{women:,} women, {rows['events'].sum():,.0f} events in {rows['person_years'].sum():,.0f} person-years"
        kind = "patients" if use == "yes" else "patients, kept out of the fit"
        years = f"0 to {rows['end_year'].max():g}"
        yield kind, source, population.replace("_", "-"), endpoint.replace("_", " "), facts, years


def published_rows(evidence: Evidence) -> Iterator[tuple[str, ...]]:
    """Describe the published windows of each endpoint."""
    rows = modelled_rows(evidence)
    for endpoint, each in rows.groupby("endpoint"):
        years = f"{each['start_year'].min():g} to {each['end_year'].max():g}"
        counts = [str(each[column].nunique()) for column in ("source_id", "population")]
        yield "published", *counts, str(endpoint).replace("_", " "), f"{len(each)} risks and rates", years


def effect_rows(evidence: Evidence) -> Iterator[tuple[str, ...]]:
    """Describe the effects of therapies in early disease that the therapy model reads."""
    effects = evidence.therapy_effects
    if effects is None:
        return
    read = effects[[is_modelled_effect(row) for row in effects.to_dict("records")]]
    for told, endpoints in EFFECT_ENDPOINTS.items():
        rows = read[read["endpoint"].isin(endpoints)]
        if rows.empty:
            continue
        sources, trials, classes = (rows[name].nunique() for name in ("source_id", "trial", "effect_class"))
        facts = f"{words.count(len(rows), 'hazard ratio')} in {words.count(classes, 'class', 'classes')} of therapy"
        years = f"0 to {rows['window_end'].max():g} since randomisation"
        yield (
            "effects of therapy",
            str(sources),
            words.count(trials, "trial or overview", "trials or overviews"),
            told,
            facts,
            years,
        )


HEADLINE_MODELS = ("recurrence", "therapy")
"""Models that the headline answers rest on."""


def fingerprint_hash(project: Project) -> str:
    """Give a short hash of the evidence, priors and model source behind an answer."""
    behind = [model for model in models_of(project) if model in HEADLINE_MODELS]
    seen = {model: fingerprint(project, model) | {"upstream": {}} for model in behind}
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:12]


def answer(project: Project) -> str:
    """Give the headline answers as a Markdown list, marked with the fingerprint of what they rest on."""
    lines = "\n".join(f"- {line}" for line in headline(project))
    return f"<!-- fingerprint {fingerprint_hash(project)} -->\n\n{lines}"


def with_block(text: str, name: str, content: str) -> str:
    """Replace what stands between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    ValueError
        If the marks are not there once each.
    """
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    replaced, n = pattern.subn(lambda marks: f"{marks[1]}{content}{marks[2]}", text)
    if n != 1:
        raise ValueError(f"the text has {n} blocks named {name}, not one")
    return replaced


def block(text: str, name: str) -> str:
    """Give what stands between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    if not found:
        raise ValueError(f"the text has no block named {name}")
    return found[1]
