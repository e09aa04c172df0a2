"""Answers about effects of therapy and their benefit as lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from resurge.findings.effect_draws import HORIZON, LITTLE
from resurge.reporting import words
from resurge.reporting.effect_words import (
    class_name,
    disease_name,
    end_interval,
    endpoint_name,
    informed,
    number_needed,
    points,
    titled,
    trials_counted,
    window_words,
)
from resurge.reporting.terminal import group_line, mixture_lines

Answer = dict[str, Any]


def class_lines(classes: Sequence[Answer]) -> Iterator[str]:
    """Print the classes that `resurge effect` can be asked about."""
    yield "classes of therapy in early disease; ask with --class"
    width = max((len(entry["class"]) for entry in classes), default=0)
    for entry in classes:
        told = trials_counted(entry["trials"], entry["rows"])
        yield f"  {entry['class'].ljust(width)}  {class_name(entry['class'])}: {told}"


def effect_lines(answer: Answer) -> Iterator[str]:
    """Print the answer of `resurge effect`."""
    question, level = answer["question"], answer["interval"]
    about, disease = class_name(question["class"]), disease_name(question["er"])
    yield f"{titled(about)} ({question['class']}); {endpoint_name(question['endpoint'])}; {disease}"
    yield (
        f"years count from randomisation, {_since_diagnosis(question['randomised_year'])}; "
        f"treatments differ for {words.years(question['duration'])}"
    )
    yield _evidence_line(answer["evidence"])
    yield f"hazard ratio at a year: median and {100 * level:g}% interval; then the interval of one more trial:"
    for ratio in answer["hazard_ratios"]:
        yield f"  year {ratio['year']:g}: {_ratio_and_new(ratio, level)}"
    yield "hazard ratio averaged over the events of a window, as a trial reports it:"
    for window in answer["windows"]:
        yield f"  {window_words(window['from'], window['to'])}: {_ratio_and_new(window, level)}"
    yield "hazard ratio on each endpoint:"
    for name, ratio in answer["endpoints"].items():
        told = f"{endpoint_name(name)}, {window_words(ratio['from'], ratio['to'])}"
        yield f"  {told}: {_ratio_and_new(ratio, level)}"
    yield from _course_lines(answer, level)
    yield (
        f"the hazard ratio stays at least {words.percent(answer['little_left'][0]['within'], 0)} from one until "
        f"{end_interval(answer['years_of_benefit'], level, HORIZON)}"
    )
    yield "probability that less than this is left:"
    for left in answer["little_left"]:
        yield f"  year {left['year']:g}: {words.probability(left['probability'])}"


def benefit_lines(answer: Answer) -> Iterator[str]:
    """Print the answer of `resurge benefit`."""
    question, level = answer["question"], answer["interval"]
    yield group_line(question)
    yield from mixture_lines(question)
    yield (
        f"with or without: {class_name(question['class'])} ({question['class']}) from year {question['start']:g} after "
        f"diagnosis for {words.years(question['duration'])}"
    )
    yield f"women free of recurrence at year {question['survived']:g}, median and {100 * level:g}% interval:"
    for benefit in answer["benefits"]:
        yield from _benefit_of(benefit, level)
    yield "the same for women still free of recurrence at the start of each window:"
    for benefit in answer["windows"]:
        yield from _benefit_of(benefit, level)
    ends = end_interval(answer["effect_ends"], level, question["start"] + HORIZON)
    yield f"the hazard ratio is less than {words.percent(LITTLE, 0)} from one, years after diagnosis: from {ends}"


def _since_diagnosis(year: float) -> str:
    return "soon after diagnosis" if year == 0 else f"year {year:g} after diagnosis"


def _evidence_line(evidence: Answer) -> str:
    trials = evidence["trials"]
    return f"evidence: {trials_counted(trials, len(evidence['rows']))} ({words.listed(trials)})"


def _ratio_and_new(ratio: Answer, level: float) -> str:
    new = ratio["predictive"]
    told = words.ratio_interval(ratio["median"], ratio["lower"], ratio["upper"], level)
    return f"{told}; one more trial {new['lower']:.2f} to {new['upper']:.2f}"


def _course_lines(answer: Answer, level: float) -> Iterator[str]:
    """Print full effect, onset, loss, carry-over and spread of trials, each with what it was learnt from."""
    full, fade, spread = (answer[name] for name in ("full_effect", "fade_per_year", "heterogeneity"))
    turned = (math.exp(full[key]) for key in ("median", "lower", "upper"))
    lost = (-math.expm1(-fade[key]) for key in ("median", "lower", "upper"))
    yield "course, and what each number was learnt from:"
    yield f"  full effect, hazard ratio: {words.ratio_interval(*turned, level)} [{informed(full)}]"
    for name, what in (
        ("onset_half_time", "half of it has set in after"),
        ("carry_over_half_life", "half-life after treatment"),
    ):
        told = answer[name]
        yield f"  {what}: {_years_of(told, level)} [{informed(told)}]"
    yield f"  lost per year on treatment: {words.percent_interval(*lost, level)} [{informed(fade)}]"
    shown = words.ratio_interval(spread["median"], spread["lower"], spread["upper"], level)
    yield f"  spread of trials, standard deviation of log hazard ratios: {shown} [{informed(spread)}]"


def _years_of(told: Answer, level: float) -> str:
    return words.years_interval(told["median"], told["lower"], told["upper"], level)


def _benefit_of(benefit: Answer, level: float) -> Iterator[str]:
    without, treated = (
        words.percent_interval(risk["median"], risk["lower"], risk["upper"], level)
        for risk in (benefit["without"], benefit["with"])
    )
    difference, needed = benefit["difference"], benefit["number_needed_to_treat"]
    limits = f"{points(difference['lower'])} to {points(difference['upper'])}"
    yield f"  years {benefit['from']:g} to {benefit['to']:g}: risk without {without}, with {treated}"
    yield (
        f"    difference {points(difference['median'])} percentage points ({100 * level:g}% interval {limits}); "
        f"number needed to treat {number_needed(needed, level)}"
    )
    if needed["probability_of_harm"] > 0.01:
        yield f"    that it does harm is {words.probability(needed['probability_of_harm'])}"
