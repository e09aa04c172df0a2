"""Rendering the reports: with Quarto where it is installed, else with Jupyter and pandoc, from the same sources.

The website is built in a folder beside its place and exchanged with the old one when it is whole, so that a run that
fails or is killed leaves the old one as it was. One process renders the reports of a folder at a time.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from resurge.locks import locked
from resurge.reporting.empty_pages import emptied, folder_with_empty_pages
from resurge.reporting.notebook import run_page
from resurge.reporting.site import Site, read_site, write_page, write_shared_files
from resurge.reporting.source import RenderError, read_source
from resurge.writing import NotWrittenError, replace_folder, restore_folder, says_unwritable, sweep, temporary_beside

__all__ = ["RenderError", "render_reports"]

_FORMATS = {"html": "_site", "pdf": "_pdf"}
_PAGES_AT_ONCE = 2  # every page has a kernel of its own; more than two only compete for memory


def render_reports(
    folder: Path,
    *,
    renderer: str = "auto",
    to: str = "html",
    progress: Callable[[str], None] | None = None,
    empty: Mapping[str, str] | None = None,
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
    empty
        Pages without evidence: by name, without suffix, the sentence that stands in their place (`empty_pages`).

    Returns
    -------
    Path
        The first page of the website; the folder of the documents for "pdf".

    Raises
    ------
    RenderError
        One sentence that says which page failed and why.
    RecordLockedError
        If another process is rendering them.
    NotWrittenError
        If the disk is full or the folder may not be written to; the report before is kept.
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
    with locked(site.folder / ".rendering.lock", "resurge report"), _swapped_in(target) as building:
        if quarto:
            _render_with_quarto(quarto, site, to, building, say, empty or {})
        else:
            _render_with_pandoc(site, building, say, empty or {})
    return target if to == "pdf" else target / f"{site.pages[0].stem}.html"


def _render_with_quarto(
    quarto: str, site: Site, to: str, output: Path, say: Callable[[str], None], empty: Mapping[str, str]
) -> None:
    with folder_with_empty_pages(site, empty) as folder:
        command = [quarto, "render", str(folder), "--to", to, "--output-dir", output.name]
        environment = os.environ | {"QUARTO_PYTHON": sys.executable}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
            raise RenderError(f"quarto could not render the reports: {' '.join(lines[-12:])}")
        if folder != site.folder:
            shutil.copytree(folder / output.name, output, dirs_exist_ok=True)
    say(f"{len(site.pages)} pages by Quarto")


def _render_with_pandoc(site: Site, output: Path, say: Callable[[str], None], empty: Mapping[str, str]) -> None:
    write_shared_files(site, output)
    pool = ThreadPoolExecutor(max_workers=_PAGES_AT_ONCE)
    try:
        for name in pool.map(lambda path: _render_page(site, path, output, empty), site.pages):
            say(name)
    finally:
        pool.shutdown(cancel_futures=True)
    (output / ".page.html").unlink(missing_ok=True)


def _render_page(site: Site, path: Path, output: Path, empty: Mapping[str, str]) -> str:
    source = read_source(path)
    if path.stem in empty:
        source = emptied(source, empty[path.stem])
    options = site.cell_options | dict(source.metadata.get("execute") or {})
    figures = output / f"{path.stem}_files" / "figure-html"
    write_page(site, source, run_page(source, figures, options), output)
    return path.name


@contextmanager
def _swapped_in(target: Path) -> Iterator[Path]:
    """Give an empty folder that takes the target's place if all goes well and leaves no trace if not."""
    building = temporary_beside(target, "new")
    try:
        restore_folder(target)
        sweep(target.parent, ("new", "old"))
        building.mkdir()
        yield building
        replace_folder(building, target)
    except OSError as error:
        if not says_unwritable(error):
            raise
        raise NotWrittenError(Path(error.filename or target), error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
