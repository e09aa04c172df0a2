"""Contrasts of a foreign table to rows of `therapy_effects`, or to a sentence on each number that cannot be right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from resurge.evidence.csv_files import Record
from resurge.evidence.faults import Fault, shown
from resurge.evidence.import_files import ImportFile, ImportFileError
from resurge.evidence.log_effects import EffectError, normal_quantile
from resurge.evidence.printed_cells import log_ratio_cells
from resurge.evidence.printed_effects import cells_of

FORMS = {
    "interval": ("estimate", "lower", "upper"),
    "variance": ("yi", "vi"),
    "error": ("yi", "sei"),
    "log_limits": ("yi", "lower", "upper"),
    "p": ("estimate", "p_value"),
    "risk_ratio": ("events_treatment", "n_treatment", "events_control", "n_control"),
}
"""Columns that give an effect, in the order of preference: what is printed before what was computed."""
RATIOS = (0.001, 100.0)
"""Least and largest ratio and limit; the table holds none above, and what is below has other causes than therapy."""
LARGEST_LOG = 4.6
"""Log ratios beyond are ratios above 100, which the table does not hold."""
AGREEMENT = 0.02
"""By which a log ratio may differ from the log of the ratio beside it."""
MISSING = {"", "na", "n/a", "nan", "-", ".", "ne", "nr"}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass
class Contrasts:
    """What was read of a file: cells by record, and what is wrong."""

    cells: list[tuple[Record, dict[str, str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def form_of(file: ImportFile, mapping: Mapping[str, str]) -> str:
    """Tell from which columns the effects are taken.

    Raises
    ------
    ImportFileError
        If the columns give no effect with its error.
    """
    for form, roles in FORMS.items():
        if mapping.keys() >= set(roles):
            return form
    raise ImportFileError(
        f"{shown(file.name)}: no effect with its error is among the columns {', '.join(map(shown, file.columns))}; "
        "there must be yi with vi, sei or limits, or a ratio with lower and upper, or with p_value, or events and "
        "patients of both arms: name them by --map ROLE=COLUMN"
    )


def contrasts_of(file: ImportFile, mapping: Mapping[str, str], measure: str) -> Contrasts:
    """Turn every record into cells of an effect.

    Parameters
    ----------
    file : ImportFile
        The foreign table.
    mapping : mapping
        Column by role.
    measure : str
        HR, RR or OR.

    Returns
    -------
    Contrasts
        Cells of the sound records, and one fault or more for each of the others.
    """
    form = form_of(file, mapping)
    found = Contrasts()
    for record in file.records:
        numbers, faults = _numbers(file, record, mapping, form)
        faults = faults or list(_out_of_range(file, record, mapping, numbers))
        if not faults:
            try:
                cells = _cells(form, {role: record.cells[mapping[role]] for role in numbers}, numbers, measure)
                found.cells.append((record, cells))
            except EffectError as error:
                faults = [file.fault(record, mapping[FORMS[form][0]], str(error))]
        found.faults += faults
    return found


def _numbers(
    file: ImportFile, record: Record, mapping: Mapping[str, str], form: str
) -> tuple[dict[str, float], list[Fault]]:
    """Read the numbers of a record, those of the form and what can be held against them."""
    numbers: dict[str, float] = {}
    faults = []
    needed = FORMS[form]
    beside = [role for role in ("yi", "level", *FORMS["risk_ratio"]) if role in mapping and role not in needed]
    for role in (*needed, *beside):
        text = record.cells[mapping[role]]
        if role in beside and text.lower() in MISSING:
            continue
        bare = text.lstrip("<=").strip() if role == "p_value" else text
        if _NUMBER.fullmatch(bare) and math.isfinite(float(bare)):
            numbers[role] = float(bare)
        else:
            faults.append(file.fault(record, mapping[role], _not_a_number(text)))
    return numbers, faults


def _not_a_number(text: str) -> str:
    if text.lower() in MISSING:
        return "a number is needed here; take the row out of the file if the study has none"
    if text.endswith("%"):
        return "a number is needed without a percent sign: a ratio such as 0.80, a level such as 0.95"
    if re.fullmatch(r"[+-]?[0-9]*,[0-9]+", text):
        return f"write a decimal point: {text.replace(',', '.')}"
    if re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        return f"write numbers without thousands separators: {text.replace(',', '')}"
    if text.startswith(">"):
        return "a p value printed as 'greater than' gives no standard error; use an interval"
    if re.search(r"[0-9]\s*(?:-|–|to|,|;)\s*[0-9]", text):
        return "there are two numbers in one cell; give each limit a column of its own"
    return "this is not a number; write digits with a decimal point, like 0.80"


def _out_of_range(
    file: ImportFile, record: Record, mapping: Mapping[str, str], numbers: Mapping[str, float]
) -> Iterator[Fault]:
    """Say which numbers cannot be what their column says."""

    def wrong(role: str, message: str) -> Fault:
        return file.fault(record, mapping[role], message)

    for role, what in (("vi", "a variance"), ("sei", "a standard error")):
        if role in numbers and numbers[role] <= 0:
            yield wrong(role, f"{what} is greater than 0; are columns swapped?")
    if "estimate" in numbers and numbers["estimate"] <= 0:
        yield wrong(
            "estimate", f"a ratio is greater than 0; if this is a log ratio, say --map yi={mapping['estimate']}"
        )
        return
    if "yi" in numbers and abs(numbers["yi"]) > LARGEST_LOG:
        yield wrong("yi", "a log ratio of this size is a ratio beyond 100 or 0.01; is it a ratio or a percentage?")
    limits = list(_limits(numbers, record, mapping, wrong))
    yield from limits or _beyond(numbers, wrong)
    if "level" in numbers and not 0.5 <= numbers["level"] < 1:
        hint = f"; write {numbers['level'] / 100:g}" if 50 <= numbers["level"] < 100 else ""
        yield wrong("level", f"a confidence level is a proportion, 0.95 as a rule{hint}")
    if {"yi", "estimate"} <= numbers.keys() and abs(numbers["yi"] - math.log(numbers["estimate"])) > AGREEMENT:
        expected = math.log(numbers["estimate"])
        yield wrong("yi", f"the log of the ratio beside it, {record.cells[mapping['estimate']]}, is {expected:.4f}")
    for arm in ("treatment", "control"):
        events, n = numbers.get(f"events_{arm}"), numbers.get(f"n_{arm}")
        for role, count in ((f"events_{arm}", events), (f"n_{arm}", n)):
            if count is not None and (count < 0 or count != round(count)):
                yield wrong(role, "a count is a whole number, 0 or more")
        if events is not None and n is not None and events > n:
            yield wrong(f"events_{arm}", f"there are more events than patients ({n:g}); are columns swapped?")


def _beyond(numbers: Mapping[str, float], wrong: Callable[[str, str], Fault]) -> Iterator[Fault]:
    for role in ("estimate", "lower", "upper") if "estimate" in numbers else ():
        if role in numbers and not RATIOS[0] <= numbers[role] <= RATIOS[1]:
            yield wrong(role, f"a ratio between {RATIOS[0]:g} and {RATIOS[1]:g} is needed here")


def _limits(
    numbers: Mapping[str, float],
    record: Record,
    mapping: Mapping[str, str],
    wrong: Callable[[str, str], Fault],
) -> Iterator[Fault]:
    if not {"lower", "upper"} <= numbers.keys():
        return
    middle = "estimate" if "estimate" in numbers else "yi"
    estimate, lower, upper = (numbers[role] for role in (middle, "lower", "upper"))
    shown_upper, shown_estimate = (record.cells[mapping[role]] for role in ("upper", middle))
    if lower > upper:
        yield wrong("lower", f"the lower limit is above the upper one ({shown_upper}); they seem to be swapped")
    elif lower <= 0 and middle == "estimate":
        yield wrong("lower", "the limit of a ratio is greater than 0; are these limits of a log ratio?")
    elif lower == upper:
        yield wrong("upper", "the limits are equal; an interval has a width")
    elif not lower <= estimate <= upper:
        column = "lower" if estimate < lower else "upper"
        yield wrong(column, f"the estimate ({shown_estimate}) is not between the limits; are columns swapped?")


def _cells(form: str, texts: Mapping[str, str], numbers: Mapping[str, float], measure: str) -> dict[str, str]:
    """Give the cells of one sound record."""
    if "yi" in FORMS[form]:
        told = ", ".join(f"{role} {texts[role]}" for role in FORMS[form])
        cells = log_ratio_cells(numbers["yi"], _standard_error(form, numbers), measure, f"a log ratio: {told}")
    else:
        cells = cells_of(form, {"level": "0.95", **texts})
        if cells.get("estimate"):
            cells["measure"] = measure
    counts = {role: f"{numbers[role]:.0f}" for role in FORMS["risk_ratio"] if role in numbers}
    return counts | cells


def _standard_error(form: str, numbers: Mapping[str, float]) -> float:
    if form == "variance":
        return math.sqrt(numbers["vi"])
    if form == "error":
        return numbers["sei"]
    z = float(normal_quantile(numbers.get("level", 0.95)))
    return (numbers["upper"] - numbers["lower"]) / (2 * z)
