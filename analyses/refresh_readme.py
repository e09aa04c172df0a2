"""Write the parts of README.md that are made from the data and the posterior: evidence table, answers, figure.

Usage: ``uv run python analyses/refresh_readme.py`` after ``uv run resurge fit``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

from resurge.evidence import load_evidence
from resurge.project import find_project
from resurge.reporting import pages, readme

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "resurge"

project = find_project(Path(__file__).parent)
page = project.folder / "README.md"
text = page.read_text(encoding="utf-8")
text = readme.with_block(text, "evidence", readme.evidence_table(load_evidence(project.data)))
text = readme.with_block(text, "answer", readme.answer(project))
figure = project.folder / readme.FIGURE
figure.parent.mkdir(exist_ok=True)
drawn = pages.load(project.folder).results.headline_figure
drawn.savefig(figure, metadata={"Date": None})
page.write_text(text, encoding="utf-8")
