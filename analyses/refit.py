"""Bring every posterior up to today's evidence and say whether an answer moved: for cron and for checks of changes.

Checks the evidence, updates or fits what is stale, and sets the answers beside those before.

Usage: ``uv run python analyses/refit.py [MODEL ...] [--tolerance 1] [--answer "NAME=MOST"] [--render] [--json]``.

Exit codes: 0 no answer moved beyond what is tolerated; 10 one did; otherwise as the command line: 1 the evidence is
faulty, 2 wrong usage, 3 a fit failed its gate, 4 a record cannot be used, 5 the report could not be rendered, 6 another
process is at work, 7 a file cannot be written, 8 a fit in another process could not be done.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any

from resurge.errors import ResurgeError, UsageError
from resurge.evidence import check_evidence
from resurge.evidence.faults import EvidenceError
from resurge.inference.fit_several import InTurn, Refreshed, groups_of, refresh_in_turn
from resurge.inference.freshness import models_of
from resurge.inference.history import Entry, history
from resurge.inference.independent_fits import Workers, independent
from resurge.inference.records import PosteriorFailedError
from resurge.inference.settings import Settings
from resurge.inference.what_moved import set_side_by_side
from resurge.project import Project, find_project

MOVED = 10
"""Exit code where an answer moved by more than is tolerated."""
TOLERANCE = 1.0
"""Posterior standard deviations that an answer may move unless it is named."""


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="models; all by default")
    parser.add_argument("--project", type=Path, default=Path(), help="project folder, or one inside it")
    parser.add_argument(
        "--tolerance", type=float, default=TOLERANCE, help="how far an answer may move, in posterior sds (%(default)s)"
    )
    parser.add_argument(
        "--answer", action="append", default=[], metavar="NAME=MOST",
        help="how far the median of one answer may move, in its own unit; replaces --tolerance for it",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=1, help="independent fits at once")
    parser.add_argument("--scheduler", default="", help="Dask scheduler to fit on")
    parser.add_argument("--render", action="store_true", help="render the report too")
    parser.add_argument("--json", action="store_true", help="print a summary for programs")
    return parser.parse_intermixed_args(words)


def limits_of(answers: Sequence[str]) -> dict[str, float]:
    """Read how far named answers may move."""
    limits = {}
    for text in answers:
        name, _, most = text.rpartition("=")
        try:
            limits[name] = float(most)
        except ValueError:
            name = ""
        if not name:
            raise UsageError(f"--answer {text!r}: give the name of an answer and how far it may move: 'NAME=0.01'")
    return limits


def refreshed(project: Project, models: Sequence[str], workers: Workers) -> list[Refreshed]:
    """Update or fit what is stale, independent models at once."""
    items = {
        ", then ".join(group): InTurn(project, group, dict.fromkeys(group, Settings()), force=False)
        for group in groups_of(models)
    }
    return [each for found in independent(refresh_in_turn, items, workers).values() for each in found]


def compared(
    project: Project, found: Refreshed, before: Entry | None, tolerance: float, limits: Mapping[str, float]
) -> dict[str, Any]:
    """Set the answers of a model beside those before the run."""
    after = history(project, found.model)[-1:]
    told = {**asdict(found), "before": before and before.name, "after": after[0].name if after else None, "answers": []}
    if before and after and after[0].number > before.number:
        for answer in set_side_by_side(project, before, after[0])["answers"]:
            told["answers"].append({**answer, "beyond": is_beyond(answer, tolerance, limits)})
    return told


def is_beyond(answer: Mapping[str, Any], tolerance: float, limits: Mapping[str, float]) -> bool:
    """Tell whether an answer moved by more than is tolerated."""
    if answer["name"] in limits:
        return abs(answer["after"]["median"] - answer["before"]["median"]) > limits[answer["name"]]
    return abs(answer["move"]) > tolerance


def lines(models: Sequence[Mapping[str, Any]], tolerance: float) -> Iterator[str]:
    """Print what was done and which answers moved."""
    for model in models:
        done = "" if model["done_by"] == "nothing" else f"by {model['done_by']}: "
        yield f"{model['model']}: {done}{model['why']}"
        moved = [answer for answer in model["answers"] if answer["beyond"]]
        for answer in moved:
            before, after = answer["before"]["median"], answer["after"]["median"]
            rows = ", ".join(dict.fromkeys(row["row"] for row in answer["rows"]))
            yield f"  moved: {answer['name']}: {before:.4g} to {after:.4g} ({answer['move']:+.2f} sd) [{rows}]"
        if model["answers"] and not moved:
            yield f"  no answer moved by more than is tolerated ({tolerance:g} sd where none is named)"


def refit(asked: argparse.Namespace) -> int:
    """Do all of it; give the exit code."""
    project, limits = find_project(asked.project), limits_of(asked.answer)
    faults = check_evidence(project.data)
    if faults:
        raise EvidenceError(faults)
    known = models_of(project)
    if strangers := set(asked.models) - set(known):
        raise UsageError(f"no model named {', '.join(sorted(strangers))}; this project has {', '.join(known)}")
    chosen = [model for model in known if not asked.models or model in asked.models]
    before = {model: past[-1] for model in chosen if (past := history(project, model))}
    unknown = limits.keys() - {name for entry in before.values() for name in entry.content["answers"]}
    if before and unknown:
        raise UsageError(f"--answer: no answer is called {' or '.join(map(repr, sorted(unknown)))}")
    found = refreshed(project, chosen, Workers(asked.jobs, asked.scheduler))
    models = [compared(project, each, before.get(each.model), asked.tolerance, limits) for each in found]
    failed = [f"{each.model} ({', '.join(each.failing)})" for each in found if each.failing]
    moved = any(answer["beyond"] for model in models for answer in model["answers"])
    code = PosteriorFailedError.exit_code if failed else MOVED if moved else 0
    if asked.json:
        print(json.dumps({"exit_code": code, "tolerance": asked.tolerance, "models": models}, indent=1))
    else:
        print("\n".join(lines(models, asked.tolerance)))
    if failed:
        print(f"failed the gate, and nothing is reported from it: {', '.join(failed)}", file=sys.stderr)
    elif asked.render:
        from resurge.cli import render

        with redirect_stdout(sys.stderr if asked.json else sys.stdout):  # what is for programs is JSON alone
            render(project, "auto", "html")
    return code


def main() -> None:
    """Leave with the exit code of the run, or with that of the error and its sentence."""
    try:
        raise SystemExit(refit(options()))
    except ResurgeError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
