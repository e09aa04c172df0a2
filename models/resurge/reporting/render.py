"""Rendering the reports: with Quarto where it is installed, else with Jupyter and pandoc, from the same sources.

The website is built in a folder beside its place and moved there when it is whole, so that a failed run leaves the old
one as it was.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from resurge.reporting.notebook import run_page
from resurge.reporting.site import Site, read_site, write_page, write_shared_files
from resurge.reporting.source import RenderError, read_source

__all__ = ["RenderError", "render_reports"]

_FORMATS = {"html": "_site", "pdf": "_pdf"}
_PAGES_AT_ONCE = 2  # every page has a kernel of its own; more than two only compete for memory


def render_reports(
    folder: Path, *, renderer: str = "auto", to: str = "html", progress: Callable[[str], None] | None = None
) -> Path:
    """Render the Quarto project in a folder.

    Parameters
    ----------
    folder
        Folder with ``_quarto.yml``.
    renderer
        "quarto", "pandoc" (the built-in one), or "auto": Quarto if it is on the path.
    to
        "html", a website in ``_site``, or "pdf", with Quarto only, in ``_pdf``.
    progress
        Called with a line of text whenever a page is done.

    Returns
    -------
    Path
        The first page of the website; the folder of the documents for "pdf".

    Raises
    ------
    RenderError
        One sentence that says which page failed and why.
    ValueError
        If there is no such renderer or format.
    """
    if renderer not in {"auto", "quarto", "pandoc"}:
        raise ValueError(f"renderer is auto, quarto or pandoc, not {renderer!r}")
    if to not in _FORMATS:
        raise ValueError(f"reports are written as html or pdf, not {to!r}")
    say = progress or (lambda _: None)
    quarto = shutil.which("quarto") if renderer != "pandoc" else None
    if renderer == "quarto" and quarto is None:
        raise RenderError("quarto is not on the path; install it or render with --renderer pandoc")
    if to == "pdf" and quarto is None:
        raise RenderError(
            "a PDF needs Quarto, which is not used here; render to html and print from the browser instead"
        )
    site = read_site(Path(folder).resolve())
    target = site.folder / _FORMATS[to]
    with _swapped_in(target) as building:
        if quarto:
            _render_with_quarto(quarto, site, to, building, say)
        else:
            _render_with_pandoc(site, building, say)
    return target if to == "pdf" else target / f"{site.pages[0].stem}.html"


def _render_with_quarto(quarto: str, site: Site, to: str, output: Path, say: Callable[[str], None]) -> None:
    command = [quarto, "render", str(site.folder), "--to", to, "--output-dir", output.name]
    environment = os.environ | {"QUARTO_PYTHON": sys.executable}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
        raise RenderError(f"quarto could not render the reports: {' '.join(lines[-12:])}")
    say(f"{len(site.pages)} pages by Quarto")


def _render_with_pandoc(site: Site, output: Path, say: Callable[[str], None]) -> None:
    write_shared_files(site, output)
    pool = ThreadPoolExecutor(max_workers=_PAGES_AT_ONCE)
    try:
        for name in pool.map(lambda path: _render_page(site, path, output), site.pages):
            say(name)
    finally:
        pool.shutdown(cancel_futures=True)
    (output / ".page.html").unlink(missing_ok=True)


def _render_page(site: Site, path: Path, output: Path) -> str:
    source = read_source(path)
    options = site.cell_options | dict(source.metadata.get("execute") or {})
    figures = output / f"{path.stem}_files" / "figure-html"
    write_page(site, source, run_page(source, figures, options), output)
    return path.name


@contextmanager
def _swapped_in(target: Path) -> Iterator[Path]:
    """Give an empty folder that takes the target's place if all goes well and leaves no trace if not."""
    building = Path(tempfile.mkdtemp(prefix=f"{target.name}.new-", dir=target.parent))
    building.chmod(0o755)
    old = building.with_name(building.name.replace(".new-", ".old-"))
    try:
        yield building
        if target.exists():
            target.rename(old)
        try:
            building.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    finally:
        for folder in (building, old):
            if folder.exists():
                shutil.rmtree(folder)
