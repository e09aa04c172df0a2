"""Which column of a foreign table is what: the spellings of metafor, netmeta and RevMan, and of people."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from resurge.evidence.faults import shown
from resurge.evidence.import_files import ImportFile, ImportFileError

ROLES = {
    "study": ("study trial author authors slab studlab studyid studyname label name studyorsubgroup firstauthor"),
    "yi": (
        "yi te loghr logor logrr loghazardratio logoddsratio logriskratio logrelativerisk "
        "lograteratio lnhr lnor lnrr lnhazardratio logeffect logestimate effectsize es"
    ),
    "vi": "vi var variance v varyi",
    "sei": ("sei se sete stderr standarderror seloghr selogor selogrr selog seyi seloghazardratio selnhr seoflog"),
    "estimate": (
        "estimate ratio hr hazardratio or oddsratio rr riskratio relativerisk rateratio effectestimate effect irr"
    ),
    "lower": (
        "lower lcl cilb cil lowerci cilower lowerlimit lowercl lb ll lci lo low cistart lower95 "
        "lower95ci ci95lower 95cilower 95lower lowerbound cilow lower95cl llci loci 95cistart"
    ),
    "upper": (
        "upper ucl ciub ciu upperci ciupper upperlimit uppercl ub ul uci hi high ciend upper95 "
        "upper95ci ci95upper 95ciupper 95upper upperbound cihigh upper95cl ulci hici 95ciend"
    ),
    "level": "level conflevel confidencelevel cilevel",
    "p_value": "p pval pvalue pr",
    "events_treatment": (
        "ai evente eventse eventst eventstreatment eventsexperimental experimentalevents "
        "eventsintervention treatmentevents events1 event1 eventexperimental"
    ),
    "n_treatment": (
        "n1i ne nt ntreatment totale totaltreatment totalexperimental experimentaltotal "
        "treatmenttotal total1 n1 nexperimental"
    ),
    "events_control": "ci eventc eventsc eventscontrol controlevents events2 event2 eventcontrol",
    "n_control": "n2i nc ncontrol totalc totalcontrol controltotal total2 n2",
    "treat1": "treat1 treatment1 t1 trt1 arm1",
    "treat2": "treat2 treatment2 t2 trt2 arm2",
}
"""Roles of columns, with their spellings in lower case without marks."""
SPELLINGS = {spelling: role for role, words in ROLES.items() for spelling in words.split()}
MEASURES = {
    "HR": "hr hazardratio loghr loghazardratio lnhr lnhazardratio seloghr selnhr seloghazardratio",
    "RR": "rr riskratio relativerisk rateratio irr logrr logriskratio logrelativerisk lograteratio lnrr selogrr",
    "OR": "or oddsratio logor logoddsratio lnor selogor",
}
_MEASURE_OF = {spelling: measure for measure, words in MEASURES.items() for spelling in words.split()}


def normalised(name: str) -> str:
    """Give a column name in lower case without marks: ``log[Hazard Ratio]`` is loghazardratio."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def mapping_of(file: ImportFile, given: Sequence[str], own: Sequence[str] = ()) -> dict[str, str]:
    """Tell which column has which role.

    Parameters
    ----------
    file : ImportFile
        The foreign table.
    given : sequence of str
        ``role=column`` texts, which overrule the spellings.
    own : sequence of str
        Columns of the table that is imported into; a column of the file with such a name is that column.

    Returns
    -------
    dict
        Column of the file by role.

    Raises
    ------
    ImportFileError
        If a text names no role or no column, or two columns could have one role.
    """
    mapping = dict(_stated(file, given, own))
    taken = set(mapping.values())
    found: dict[str, list[str]] = {}
    for column in file.columns:
        plain = column.lower().replace(" ", "_")
        role = SPELLINGS.get(normalised(column)) or (plain if plain in own else None)
        if role and column not in taken and role not in mapping:
            found.setdefault(role, []).append(column)
    for role, columns in found.items():
        exact = [column for column in columns if normalised(column) == normalised(role)]
        if len(columns) > 1 and len(exact) != 1:
            could = " and ".join(map(shown, columns))
            raise ImportFileError(f"{shown(file.name)}: {could} could both be {role}; say which by --map {role}=COLUMN")
        mapping[role] = (exact or columns)[0]
    return mapping


def _stated(file: ImportFile, given: Sequence[str], own: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in given:
        role, sign, column = (part.strip() for part in text.partition("="))
        if not sign or (role not in ROLES and role not in own):
            near = difflib.get_close_matches(role, (*ROLES, *own), n=1)
            hint = f"is {near[0]} meant?" if near else f"roles are {', '.join(ROLES)} and the columns of the table"
            raise ImportFileError(f"--map {shown(text)}: {shown(role)} is no role of a column; {hint}")
        if column not in file.columns:
            near = difflib.get_close_matches(column, file.columns, n=1)
            hint = f"is {shown(near[0])} meant?" if near else f"it has {', '.join(map(shown, file.columns))}"
            raise ImportFileError(f"--map {shown(text)}: {shown(file.name)} has no column {shown(column)}; {hint}")
        yield role, column


def measure_of(mapping: Mapping[str, str], given: str | None) -> str | None:
    """Tell which ratio the columns hold: as stated, else by their names; None where they do not tell."""
    if given:
        return given
    named = {_MEASURE_OF[normalised(column)] for column in mapping.values() if normalised(column) in _MEASURE_OF}
    return named.pop() if len(named) == 1 else None
