"""`resurge import`: a CSV of contrasts, as metafor, netmeta and RevMan users have it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from resurge.commands.session import here, say


def import_contrasts(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, semicolon or tab separated, with a header.")],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="ROLE=COLUMN", help="What a column is: study, yi, vi, sei, estimate, lower ..."),
    ] = None,
    measure: Annotated[Literal["HR", "RR", "OR"] | None, typer.Option(help="Which ratio the file holds.")] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="A column of therapy_effects that holds for every row."),
    ] = None,
    setting: Annotated[str | None, typer.Option(help="adjuvant, extended_adjuvant, neoadjuvant or metastatic.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Event that is counted: dfs, os, pfs ...")] = None,
    treatment: Annotated[str | None, typer.Option(help="What the treatment arms had.")] = None,
    control: Annotated[str | None, typer.Option(help="What the control arms had.")] = None,
    effect_class: Annotated[str | None, typer.Option(help="Class within which the effects are pooled.")] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="A column of the source behind the file.")
    ] = None,
    network: Annotated[str | None, typer.Option(help="Name of the network, for treat1 and treat2.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Show what would be added and change nothing.")] = False,
) -> None:
    """Add the contrasts of a CSV file to therapy_effects, or to therapy_networks with treat1 and treat2."""
    from resurge.evidence.adding import EFFECTS, table_named
    from resurge.evidence.appending import append_rows
    from resurge.evidence.importing import import_effects, refuse_faults
    from resurge.evidence.new_rows import columns_given

    data = here().data
    options = {"setting": setting, "endpoint": endpoint, "treatment": treatment, "control": control}
    options |= {"effect_class": effect_class}
    cells = columns_given(given or [], table_named(data, EFFECTS), "--set")
    found = import_effects(
        data,
        file,
        columns=columns or [],
        measure=measure,
        given=cells | {name: value for name, value in options.items() if value},
        source=columns_given(source or [], table_named(data, "sources"), "--source"),
        network=network,
    )
    for line in found.shown():
        say(line)
    refuse_faults(data, found)
    if dry_run:
        say("Sound; nothing was written.")
        return
    append_rows(data, found.rows)
    say(f"Added {len(found.places)} rows to {EFFECTS}.csv; `resurge status` says what that makes stale.")
