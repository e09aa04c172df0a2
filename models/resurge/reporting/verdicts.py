"""What a page says at its top of the fit behind it."""

from IPython.display import Markdown

from resurge.inference.records import Record

_FAILED = """
::: {.callout-important title="No results: the fit failed its checks"}
The posterior behind this page did not pass its gate, so its numbers are not shown. The appendix lists the diagnostics.
:::
"""
_STALE = """
::: {.callout-warning title="These results are out of date"}
The evidence, the priors or the model changed after the posterior behind this page was computed.
:::
"""


def verdict(record: Record) -> Markdown:
    """Callout for the top of a page; empty if the results are sound and up to date."""
    if not record.passed:
        return Markdown(_FAILED)
    return Markdown("" if record.fresh else _STALE)


def nothing_yet(why: str) -> Markdown:
    """Callout for a page that has nothing to show."""
    return Markdown(f'\n::: {{.callout-note title="Nothing to show"}}\n{why}.\n:::\n')
