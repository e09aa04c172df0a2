"""Do numbers read as a clinician would write them, and does hostile text stay text?"""

import doctest
import math

import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resurge.reporting import words


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("proportion", "said"),
    [
        (0.1234, "12.3%"),
        (1.0, "100.0%"),
        (0.0, "0%"),
        (0.0004, "under 0.1%"),
        (0.0006, "0.1%"),
        (-0.00001, "0.0%"),
        (-0.021, "-2.1%"),
        (math.nan, "not available"),
    ],
)
def test_percentages(proportion, said):
    assert words.percent(proportion) == said


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0.123, 0.101, 0.152), "12% (95% interval 10 to 15)"),
        ((0.0246, 0.0098, 0.0681), "2.5% (95% interval 1.0 to 6.8)"),
        ((0.123, 0.111, 0.132), "12.3% (95% interval 11.1 to 13.2)"),
        ((0.0123, 0.0111, 0.0132), "1.23% (95% interval 1.11 to 1.32)"),
        ((0.123, math.nan, 0.152), "not available"),
    ],
)
def test_an_interval_is_no_finer_than_it_can_bear(numbers, said):
    assert words.percent_interval(*numbers, 0.95) == said


def test_the_level_of_the_interval_is_the_one_given():
    assert "80% interval" in words.percent_interval(0.2, 0.1, 0.3, 0.8)
    assert "99.5% interval" in words.years_interval(2, 1, 3, 0.995)


def test_ratios_lose_a_decimal_when_large():
    assert words.ratio_interval(12.345, 8.123, 17.94, 0.95) == "12.3 (95% interval 8.1 to 17.9)"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.9999, "almost certain (above 99.9%)"),
        (0.97, "very likely (97.0%)"),
        (0.7, "likely (70.0%)"),
        (0.2, "unlikely (20.0%)"),
        (0.0001, "almost excluded (below 0.1%)"),
        (math.nan, "not available"),
    ],
)
def test_probabilities(value, said):
    assert words.probability(value) == said


def test_counts_and_lists():
    assert words.count(0, "woman", "women") == "0 women"
    assert words.count(1234.0, "row") == "1,234 rows"
    assert words.listed([]) == ""
    assert words.listed(["a", "b"]) == "a and b"


def test_markdown_marks_lose_their_meaning():
    assert words.escape_markdown("[x](y)\n# `$@|<b>") == r"\[x\]\(y\) \# \`\$\@\|\<b\>"


@settings(max_examples=15, deadline=None)
@given(st.text(st.sampled_from("ab1 *_`$@|<>[]()#&;:'\"\\{}~^!-.=+"), min_size=1))
def test_pandoc_shows_escaped_text_as_it_was(text):
    shown = pypandoc.convert_text(f"x{words.escape_markdown(text)}x", "plain", "markdown-smart", ["--wrap=none"])
    assert " ".join(shown.split()) == f"x{' '.join(text.split())}x"
