"""The command about metastasis: where, by subtype."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from resurge.commands.session import LEVEL, Json, here, say
from resurge.synthesis.metastasis_design import MEMBERS, SETTINGS, SITES

Setting = Annotated[
    Literal[*SETTINGS], typer.Option(help="At first recurrence, at any time from then on, at diagnosis, or at autopsy.")
]
Subtype = Annotated[Literal[*MEMBERS] | None, typer.Option(help="Receptor subtype or mixture (default: each subtype).")]
Site = Annotated[Literal[*SITES] | None, typer.Option(help="Site (default: each that the evidence tells of).")]


def sites(
    setting: Setting = "any_site_during_course", subtype: Subtype = None, site: Site = None, as_json: Json = False
) -> None:
    """Where metastases are found, by subtype: share of patients with metastases at each site."""
    from resurge.findings.site_questions import answer_sites

    answer = answer_sites(here(), setting, subtype=subtype, site=site, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.terminal_sites import site_lines

    for line in site_lines(answer):
        say(line)
