"""Rules that one cell cannot answer for: windows, counts, exclusions, names that must exist.

Every rule gives the faults it finds and skips what another fault already covers: a cell that is blank or faulty is not
judged twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown

TEXTS = {
    "sources": ("source_id", "population", "authors", "year", "title", "journal", "doi", "pmid", "bibliography"),
    "populations": ("population", "part_of", "overlaps_with"),
    "recurrence_rates": (
        *("row_id", "source_id", "population", "cohort_label", "er", "her2", "pr", "nodal", "tumour_size", "grade"),
        *(
            "stratum",
            "therapy",
            "diagnosis_years",
            "endpoint",
            "window_chain",
            "statistic",
            "reference",
            "bounds",
            "use",
        ),
        "exclude_reason",
    ),
    "recurrence_person_time": (
        *("row_id", "source_id", "population", "er", "nodal", "tumour_size", "therapy", "endpoint", "use"),
        "exclude_reason",
    ),
    "therapy_effects": (
        *("row_id", "source_id", "population", "trial", "setting", "line", "er", "her2", "brca", "nodal", "menopausal"),
        *("population_notes", "treatment", "control", "treatment_class", "control_class", "effect_class", "inverted"),
        *("endpoint", "measure", "p_value", "contrast_years_from", "se_from", "se_is_upper_bound", "window_kind"),
        *("window_end_from", "update_chain", "women", "inside", "use", "used_as", "exclude_reason"),
    ),
    "therapy_networks": (
        *("network", "endpoint", "trial", "treatment_node", "control_node", "se_from", "se_is_upper_bound", "row_id"),
        "source_id",
    ),
    "metastasis_sites": (
        *("row_id", "source_id", "population", "cohort_label", "subtype", "er", "her2", "subtype_as_published"),
        *("stratum", "site", "site_as_published", "exclusive", "setting", "denominator", "use", "used_as"),
        "exclude_reason",
    ),
    "recurrence_timing": (
        *("row_id", "source_id", "population", "cohort_label", "er", "her2", "subtype", "subtype_as_published"),
        *("stratum", "quantity", "unit", "bounds", "use", "exclude_reason"),
    ),
    "mechanisms": (
        *("mechanism_id", "name", "class", "target_gene", "drugs", "cancers", "therapy_resisted", "expected_sign"),
        "source_ids",
    ),
    "resistance_effects": (
        *("row_id", "source_id", "population", "mechanism_id", "facet", "marker", "level", "outcome", "measure"),
        *("intervention", "effect_scale", "se_from", "se_is_upper_bound", "orientation_note", "use", "exclude_reason"),
        "read_in",
    ),
    "replication_pairs": ("pair_id", "paper", "experiment", "source_id", "animal", "use", "exclude_reason"),
    "claims": (
        *("claim_id", "source_document", "source_id", "claim", "stated_unit", "model", "testable", "test_kind"),
        *("mechanism_id", "estimand", "answered_by", "rows", "comparator", "value_unit", "caution", "how_to_test"),
    ),
}
"""Text columns that the rules and the package read; a codebook that describes the table must describe them."""

NUMBERS = {
    "sources": (),
    "populations": (),
    "recurrence_rates": (
        *("start_year", "end_year", "estimate", "lower", "upper", "level", "n", "events", "person_years"),
    ),
    "recurrence_person_time": ("start_year", "end_year", "n", "events", "person_years"),
    "therapy_effects": (
        *("estimate", "lower", "upper", "level", "n_treatment", "n_control", "events_treatment", "events_control"),
        *("period_start", "period_end", "median_follow_up_years", "landmark_year"),
        *("survival_treatment", "survival_control", "treatment_duration_years", "randomised_year"),
        *("contrast_start_year", "contrast_years", "log_estimate", "se_log", "window_start", "window_end"),
        "report_order",
    ),
    "therapy_networks": ("component", "arms_in_trial", "log_hr", "se"),
    "metastasis_sites": ("share_metastatic", "n_site", "n_total", "proportion", "lower", "upper", "level"),
    "recurrence_timing": ("estimate", "lower", "upper", "level", "n"),
    "mechanisms": (),
    "resistance_effects": ("estimate", "lower", "upper", "p_value", "log_effect", "se_log"),
    "replication_pairs": (
        *("n_original", "n_replication", "smd_original", "se_original", "smd_replication", "se_replication"),
        "shrinkage_ratio",
    ),
    "claims": ("stated_estimate", "stated_lower", "stated_upper", "value_low", "value_high"),
}
"""Number columns that the rules and the package read."""

ROUNDING_OF_PERSON_YEARS = 1e-3
"""Years; the table keeps four decimals."""

SERIES = ("source_id", "population", "er", "nodal", "tumour_size", "therapy", "endpoint")


def person_time_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge the person-time table: sums that patients can give, and intervals of a stratum that do not overlap."""
    strata: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        yield from window(row)
        yield from counts(row)
        yield from _stay(row)
        yield from exclusion(row)
        if {"start_year", "end_year"} <= row.numbers.keys():
            strata[tuple(row.texts[column] for column in SERIES)].append(row)
    for stratum in strata.values():
        stratum.sort(key=lambda row: row.numbers["start_year"])
        for before, row in pairwise(stratum):
            if row.numbers["start_year"] < before.numbers["end_year"]:
                message = (
                    f"the interval starts before {before.label} of the same stratum ends ({before.texts['end_year']}); "
                    "intervals of one stratum must not overlap"
                )
                yield row.fault("start_year", message)


def source_faults(rows: list[Row], populations: set[str] | None) -> Iterator[Fault]:
    """Judge the sources: populations that exist, entries called verified that are complete, no publication twice."""
    for row in rows:
        population = row.texts["population"]
        if populations is not None and population not in populations | {"none", ""}:
            yield row.fault(
                "population", "there is no such population in populations.csv; none stands for no patient set"
            )
        if row.texts["bibliography"] == "verified":
            yield from _verified(row)
    for column in ("doi", "pmid"):
        yield from _repeated_identifier(rows, column)


def population_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge the populations: each name in a list must be another population of the table."""
    known = {row.texts["population"] for row in rows}
    for row in rows:
        for column in ("part_of", "overlaps_with"):
            for name in filter(None, row.texts[column].split("; ")):
                if name == row.texts["population"]:
                    yield row.fault(column, "a population is named in its own list; take it out")
                elif name not in known:
                    yield row.fault(
                        column, f'there is no population {shown(name)}; write known names with "; " between'
                    )


SHARE_TOLERANCE = 0.02
"""How far printed shares of one variable may miss 1 by rounding."""


LEVEL_STARTS = {"er": ("negative", "positive"), "nodal": "N", "tumour_size": "T"}


def case_mix_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge the case mix: the shares of one population and variable make up all women, each level once."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.texts["population"], row.texts["variable"]].append(row)
    for (population, variable), group in groups.items():
        levels = [row.texts["level"] for row in group]
        for row in group:
            if not row.texts["level"].startswith(LEVEL_STARTS.get(variable, "")):
                yield row.fault("level", f"this is not a level of {shown(variable)}")
            if levels.count(row.texts["level"]) > 1:
                yield row.fault("level", f"{shown(population)} has this level of {shown(variable)} more than once")
        total = sum(row.numbers.get("share", 0.0) for row in group)
        if abs(total - 1) > SHARE_TOLERANCE:
            which = f"{shown(variable)} in {shown(population)}"
            yield group[-1].fault("share", f"the shares of {which} add up to {total:.3g}; all women together are 1")


def mortality_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge the life table: age groups that have a length and hazards above 0."""
    for row in rows:
        start, end = row.numbers.get("age_start"), row.numbers.get("age_end")
        if start is not None and end is not None and start >= end:
            yield row.fault("age_end", f"the age group ends at or before its start ({row.texts['age_start']})")
        if row.numbers.get("hazard") == 0:
            yield row.fault("hazard", "a hazard is greater than 0")


def window(row: Row) -> Iterator[Fault]:
    """Ask that a window ends after it starts."""
    start, end = row.numbers.get("start_year"), row.numbers.get("end_year")
    if start is not None and end is not None and start >= end:
        hint = "they seem to be swapped" if start > end else "a window has a length"
        yield row.fault("end_year", f"the window ends at or before its start ({row.texts['start_year']}); {hint}")


def counts(row: Row) -> Iterator[Fault]:
    """Ask that events do not outnumber women, and that person-time is positive."""
    n, events, years = (row.numbers.get(column) for column in ("n", "events", "person_years"))
    if n is not None and events is not None and events > n:
        yield row.fault("events", f"there are more events than women ({row.texts['n']})")
    if years == 0:
        yield row.fault("person_years", "person-years are greater than 0")


def _stay(row: Row) -> Iterator[Fault]:
    names = ("start_year", "end_year", "n", "person_years")
    if any(name not in row.numbers for name in names):
        return
    start, end, n, years = (row.numbers[name] for name in names)
    longest = n * (end - start)
    if 0 < longest < years - ROUNDING_OF_PERSON_YEARS:
        yield row.fault("person_years", f"{n:g} women can spend at most {longest:g} years in this interval")


def exclusion(row: Row) -> Iterator[Fault]:
    """Ask that a reason of exclusion stands where, and only where, a row is not used."""
    if row.texts["use"] == "yes" and row.texts["exclude_reason"]:
        yield row.fault("exclude_reason", "a used row has no reason of exclusion; blank it or write use = no")
    if row.texts["use"] == "no" and not row.texts["exclude_reason"]:
        yield row.fault("exclude_reason", "a row with use = no needs its reason, for instance overlaps:r0001")


def _verified(row: Row) -> Iterator[Fault]:
    if not row.texts["doi"] and not row.texts["pmid"]:
        yield row.fault("bibliography", "a verified entry has a DOI or a PubMed identifier; write incomplete")


def _repeated_identifier(rows: list[Row], column: str) -> Iterator[Fault]:
    first: dict[str, Row] = {}
    for row in rows:
        identifier = row.texts[column].lower()
        if identifier and identifier in first:
            yield row.fault(column, f"{first[identifier].label} is the same publication; one publication is one source")
        first.setdefault(identifier, row)
