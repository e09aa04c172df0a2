"""Tables of the page about resistance; text from evidence is escaped in every cell."""

from __future__ import annotations

import pandas as pd

from resurge.reporting import words
from resurge.reporting.network_words import chance
from resurge.reporting.resistance_words import FACET_NAMES, KIND_NAMES, short_name
from resurge.reporting.tables import Table, lay_out, scrolling


def catalogue_table(catalogue: pd.DataFrame) -> Table:
    """List mechanisms by class with target, drugs, therapy resisted, claim and rows."""
    rows = catalogue[list(FACET_NAMES)].sum(axis=1)
    shown = catalogue[["class", "name", "target_gene", "drugs", "therapy_resisted", "expected_sign"]].assign(
        key=[short_name(name) for name in catalogue["mechanism_id"]],
        rows=[f"{count:,}" if count else "untested" for count in rows],
    )
    shown["class"] = shown["class"].str.capitalize()
    labels = {
        "key": "Key", "name": "Mechanism", "target_gene": "Target", "drugs": "Drugs",
        "therapy_resisted": "Therapy resisted", "expected_sign": "Claim", "rows": "Rows",
    }  # fmt: skip
    return scrolling(lay_out(shown[["class", *labels]], labels, group="class"))


def effects_table(effects: pd.DataFrame) -> Table:
    """List effects of one facet with the probability of the claim, the prior share and the next study."""
    shown = pd.DataFrame(
        {
            "mechanism": [short_name(name) for name in effects["mechanism"]],
            "ratio": [words.ratio_cell(e.median, e.lower, e.upper) for e in effects.itertuples()],
            "claimed": ["open" if pd.isna(value) else chance(value) for value in effects["claimed"]],
            "rows": [f"{e.rows} of {words.count(e.sources, 'source')}" for e in effects.itertuples()],
            "share": [words.percent(value, 0) for value in effects["prior_share"]],
            "next": [f"{e.next_lower:.2f} to {e.next_upper:.2f}" for e in effects.itertuples()],
        }
    )
    labels = {
        "ratio": "Ratio", "claimed": "As claimed", "rows": "Rows", "share": "Prior share", "next": "Next study",
    }  # fmt: skip
    return scrolling(lay_out(shown, labels, row="mechanism"))


def untested_table(effects: pd.DataFrame, catalogue: pd.DataFrame) -> Table:
    """List mechanisms without any row with what their class lets expect of an intervention."""
    names = catalogue.set_index("mechanism_id")
    shown = pd.DataFrame(
        {
            "mechanism": [names.loc[name, "name"] for name in effects["mechanism"]],
            "class": [names.loc[name, "class"] for name in effects["mechanism"]],
            "ratio": [words.ratio_cell(e.median, e.lower, e.upper) for e in effects.itertuples()],
            "next": [f"{e.next_lower:.2f} to {e.next_upper:.2f}" for e in effects.itertuples()],
        }
    )
    labels = {"class": "Class", "ratio": "Untested mechanism of this class", "next": "First study of one"}
    return scrolling(lay_out(shown, labels, row="mechanism"))


def nulls_table(sources: pd.DataFrame) -> Table:
    """List sources that found nothing and print no number."""
    shown = sources[["source_id", "title", "design", "notes"]]
    labels = {"source_id": "Source", "title": "Title", "design": "Design", "notes": "What it says"}
    return scrolling(lay_out(shown, labels))


def replication_table(curve: pd.DataFrame) -> Table:
    """Tell what is seen again of published effects."""
    shown = pd.DataFrame(
        {
            "kind": [KIND_NAMES[kind].capitalize() for kind in curve["kind"]],
            "original": [f"{size:g}" for size in curve["original"]],
            "again": [f"{e.median:.2f} ({e.lower:.2f} to {e.upper:.2f})" for e in curve.itertuples()],
            "same": [chance(value) for value in curve["same"]],
            "half": [chance(value) for value in curve["half"]],
        }
    )
    labels = {"original": "Published", "again": "Seen again", "same": "Same direction", "half": "At least half"}
    return lay_out(shown, labels, row="original", group="kind")
