"""Words for effects of therapy in early disease: classes, endpoints, windows, and what informs a parameter."""

from __future__ import annotations

from resurge.reporting import words

_CLASSES = {
    "anti_her2_adc": "T-DM1 instead of trastuzumab",
    "anti_her2_adc_next": "T-DXd instead of T-DM1",
    "anti_her2_mab": "trastuzumab",
    "anti_her2_mab_concurrent": "trastuzumab with, not after, chemotherapy",
    "anti_her2_mab_dual": "pertuzumab added to trastuzumab",
    "anti_her2_mab_longer": "trastuzumab two years instead of one",
    "anti_her2_mab_short": "trastuzumab less than a year instead of one",
    "anti_her2_tki": "neratinib after trastuzumab",
    "anti_her2_tki_with_mab": "lapatinib added to trastuzumab",
    "bisphosphonate": "bisphosphonate",
    "bisphosphonate_longer": "bisphosphonate longer instead of shorter",
    "cdk46_inhibitor": "CDK4/6 inhibitor",
    "chemo": "chemotherapy",
    "chemo_anthracycline": "chemotherapy with an anthracycline",
    "chemo_dose_dense": "dose-intense chemotherapy",
    "chemo_low_risk_score": "chemotherapy at a low genomic risk score",
    "chemo_taxane": "chemotherapy with a taxane",
    "endocrine_ai": "aromatase inhibitor instead of tamoxifen",
    "endocrine_sequential": "switch from tamoxifen to aromatase inhibitor",
    "endocrine_tamoxifen": "tamoxifen",
    "extended_endocrine": "endocrine therapy beyond five years",
    "extended_endocrine_intermittent": "extended letrozole with pauses",
    "immune_checkpoint": "PD-1 antibody",
    "metabolic_metformin": "metformin",
    "ovarian_suppression": "ovarian suppression",
    "ovarian_suppression_ai": "ovarian suppression and aromatase inhibitor",
    "ovarian_suppression_uncertain_menopause": "ovarian suppression where menopause was uncertain",
    "parp_inhibitor": "PARP inhibitor",
    "pi3k_akt_mtor": "everolimus",
}
ENDPOINTS = {
    "any_recurrence": "any recurrence",
    "distant_recurrence": "distant recurrence",
    "bone_recurrence": "recurrence in bone",
    "locoregional": "local or regional recurrence",
    "dfs": "disease-free survival",
    "idfs": "invasive disease-free survival",
    "breast_cancer_death": "death from breast cancer",
    "os": "death from any cause",
}

_TAGS = {
    "any_recurrence": "recurrence", "distant_recurrence": "distant recurrence", "bone_recurrence": "bone",
    "locoregional": "local or regional", "dfs": "DFS", "idfs": "IDFS", "breast_cancer_death": "breast cancer death",
    "os": "death",
}  # fmt: skip
_DISEASE = {"positive": "ER-positive disease", "negative": "ER-negative disease", "any": "disease of either ER status"}


def class_name(label: str) -> str:
    """Name of a class as a clinician would say it.

    Examples
    --------
    >>> class_name("endocrine_ai"), class_name("new_class")
    ('aromatase inhibitor instead of tamoxifen', 'new class')
    """
    return _CLASSES.get(label, label.replace("_", " "))


def titled(name: str) -> str:
    """Name with a capital at its beginning, the rest as it is.

    Examples
    --------
    >>> titled("pertuzumab added"), titled("CDK4/6 inhibitor")
    ('Pertuzumab added', 'CDK4/6 inhibitor')
    """
    return name[:1].upper() + name[1:]


def endpoint_name(label: str) -> str:
    """Name of an endpoint.

    Examples
    --------
    >>> endpoint_name("os")
    'death from any cause'
    """
    return ENDPOINTS.get(label, label.replace("_", " "))


def endpoint_tag(label: str) -> str:
    """Short name of an endpoint for figures.

    Examples
    --------
    >>> endpoint_tag("idfs"), endpoint_tag("os")
    ('IDFS', 'death')
    """
    return _TAGS.get(label, label.replace("_", " "))


def disease_name(er: str) -> str:
    """Name of the disease that a class was tested in.

    Examples
    --------
    >>> disease_name("any")
    'disease of either ER status'
    """
    return _DISEASE[er]


def window_words(start: float, end: float) -> str:
    """Window of years since randomisation.

    Examples
    --------
    >>> window_words(0.0, 5.0), window_words(5.19, 10.0)
    ('years 0–5', 'years 5.2–10')
    """
    return f"years {_short(start)}–{_short(end)}"


def end_interval(found: dict[str, float | None], level: float, horizon: float) -> str:
    """Year of an end with its interval.

    Examples
    --------
    >>> end_interval({"median": 8.2, "lower": 4.0, "upper": None}, 0.95, 20.0)
    'year 8.2 (95% interval 4 to later)'
    >>> end_interval({"median": None, "lower": 10.4, "upper": None}, 0.95, 20.0)
    'later than year 20 (95% interval 10.4 to later)'
    """
    lower, upper = (_or_later(found[key]) for key in ("lower", "upper"))
    median = f"later than year {horizon:g}" if found["median"] is None else f"year {_short(found['median'])}"
    return f"{median} ({100 * level:g}% interval {lower} to {upper})"


def end_cell(found: dict[str, float | None]) -> str:
    """Years of an effect with their interval for a table; what lies beyond the years followed is *later*.

    Examples
    --------
    >>> end_cell({"median": 8.2, "lower": 4.0, "upper": None})
    '8.2 (4–later)'
    """
    median, lower, upper = (_or_later(found[key]) for key in ("median", "lower", "upper"))
    return f"{median} ({lower}–{upper})"


def number_needed(found: dict[str, float | None], level: float) -> str:
    """Write the number needed to treat with its interval, whose upper limit is missing where there may be no benefit.

    Examples
    --------
    >>> number_needed({"median": 24.6, "lower": 15.2, "upper": 60.0, "probability_of_harm": 0.0}, 0.95)
    '25 (95% interval 15 to 60)'
    >>> number_needed({"median": 90.0, "lower": 40.0, "upper": None, "probability_of_harm": 0.08}, 0.95)
    '90 (95% interval 40 to no upper limit: there may be no benefit)'
    """
    if found["median"] is None:
        return "none: no benefit is more likely than one"
    lower = "none" if found["lower"] is None else f"{found['lower']:,.0f}"
    upper = "no upper limit: there may be no benefit" if found["upper"] is None else f"{found['upper']:,.0f}"
    return f"{found['median']:,.0f} ({100 * level:g}% interval {lower} to {upper})"


def points(proportion: float) -> str:
    """Difference of two risks in percentage points, to one decimal.

    Examples
    --------
    >>> points(0.0312), points(-0.004)
    ('3.1', '-0.4')
    """
    text = f"{100 * proportion:.1f}"
    return "0.0" if text == "-0.0" else text


def informed(told: dict[str, object]) -> str:
    """Say what a parameter was learnt from.

    Examples
    --------
    >>> informed({"informed_by": "prior only"}), informed({"informed_by": "in part"})
    ('prior only', 'mostly prior')
    """
    return {"in part": "mostly prior"}.get(str(told["informed_by"]), str(told["informed_by"]))


def trials_counted(trials: list[str], rows: int) -> str:
    """Count trials and published estimates.

    Examples
    --------
    >>> trials_counted(["ATLAS", "aTTom"], 6)
    '2 trials, 6 published estimates'
    """
    return f"{words.count(len(trials), 'trial')}, {words.count(rows, 'published estimate')}"


def _or_later(year: float | None) -> str:
    return "later" if year is None else _short(year)


def _short(year: float) -> str:
    return f"{year:.1f}".removesuffix(".0")
