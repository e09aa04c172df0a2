"""The website around the pages: what ``_quarto.yml`` says, and a page from Markdown to HTML by pandoc."""

import json
import shutil
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import pypandoc
import yaml

from resurge.reporting.callouts import linked_files, shape_blocks
from resurge.reporting.crossrefs import resolve_references
from resurge.reporting.source import RenderError, Source, read_source

_READER = "markdown+autolink_bare_uris"


@dataclass(frozen=True)
class Site:
    """A Quarto website project.

    Attributes
    ----------
    folder
        Folder of the sources and of ``_quarto.yml``.
    config
        The project file as read.
    """

    folder: Path
    config: dict[str, Any]

    @property
    def pages(self) -> list[Path]:
        """Sources to render, in the order of the project file."""
        named = self.config.get("project", {}).get("render")
        if not named:
            return sorted(path for path in self.folder.glob("*.qmd") if not path.name.startswith("_"))
        return [self.folder / str(name) for name in named]

    @property
    def cell_options(self) -> dict[str, Any]:
        """Options for all cells of the project."""
        figures = {k: v for k, v in self._html.items() if k == "fig-format"}
        return figures | dict(self.config.get("execute") or {})

    @property
    def stylesheets(self) -> list[str]:
        """Style sheets of the project, links relative to its folder."""
        return _as_list(self._html.get("css"))

    def metadata(self, source: Source) -> dict[str, Any]:
        """Metadata of a page: the project's, then its own."""
        common = {k: v for k, v in self.config.items() if k not in {"project", "website", "format", "execute"}}
        own = {k: v for k, v in source.metadata.items() if k not in {"format", "execute"}}
        return {"lang": "en", "link-citations": True} | common | self._html | own

    def navigation(self, page: str) -> str:
        """List of links between pages, the current one marked."""
        website = self.config.get("website", {})
        sidebar = website.get("sidebar") or {}
        items = [*(website.get("navbar") or {}).get("left", []), *sidebar.get("contents", [])]
        return "\n".join(f"<li>{_navigation_item(item, self.folder, page)}</li>" for item in items)

    @property
    def title(self) -> str:
        """Title of the website."""
        return str(self.config.get("website", {}).get("title", ""))

    @property
    def footer(self) -> str:
        """Text at the foot of every page, in Markdown."""
        footer = self.config.get("website", {}).get("page-footer") or ""
        parts = [footer] if isinstance(footer, str) else [footer.get(side, "") for side in ("left", "center", "right")]
        return " · ".join(str(part) for part in parts if part)

    @property
    def _html(self) -> dict[str, Any]:
        formats = self.config.get("format") or {}
        return dict(formats.get("html") or {}) if isinstance(formats, dict) else {}


def read_site(folder: Path) -> Site:
    """Read the project file of a reports folder.

    Raises
    ------
    RenderError
        If it is missing, is not valid YAML, or names a page that does not exist.
    """
    path = folder / "_quarto.yml"
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise RenderError(f"no report project: {path} cannot be read") from error
    except yaml.YAMLError as error:
        raise RenderError(f"_quarto.yml is not valid YAML: {' '.join(str(error).split())}") from error
    site = Site(folder, config)
    missing = [page.name for page in site.pages if not page.is_file()]
    if missing or not site.pages:
        raise RenderError(f"_quarto.yml lists pages that do not exist: {', '.join(missing) or 'it has none'}")
    return site


def write_page(site: Site, source: Source, markdown: str, output: Path) -> None:
    """Write one page as HTML.

    Parameters
    ----------
    site, source
        The project and the page's source.
    markdown
        The page with its cells replaced by what they show.
    output
        Folder of the website.
    """
    name = source.path.name
    metadata = site.metadata(source)
    text = f"---\n{yaml.safe_dump(_page_metadata(metadata), allow_unicode=True)}---\n\n{markdown}"
    document = json.loads(_pandoc(site, name, text, source="markdown", to="json", arguments=[]))
    document = shape_blocks(resolve_references(document, name, numbered_sections=bool(metadata.get("number-sections"))))
    _copy(site.folder, linked_files(document), output)
    html = _pandoc(
        site, name, json.dumps(document), source="json", to="html5", arguments=_arguments(site, source, output)
    )
    (output / f"{source.path.stem}.html").write_text(html, encoding="utf-8")


def write_shared_files(site: Site, output: Path) -> None:
    """Write the style sheets and what else the project says belongs to the website."""
    style = resources.files("resurge.reporting").joinpath("page.css").read_text(encoding="utf-8")
    (output / "page.css").write_text(style, encoding="utf-8")
    extra = _as_list(site.config.get("project", {}).get("resources"))
    _copy(site.folder, [*site.stylesheets, *extra], output)


def _arguments(site: Site, source: Source, output: Path) -> list[str]:
    metadata = site.metadata(source)
    template = output / ".page.html"
    if not template.exists():
        template.write_text(resources.files("resurge.reporting").joinpath("page.html").read_text(encoding="utf-8"))
    variables = {
        "site-title": escape(site.title),
        "navigation": site.navigation(source.path.name),
        "footer": _pandoc(site, "_quarto.yml", site.footer, source="markdown", to="html5", arguments=[]),
        "pagetitle": escape(str(metadata.get("pagetitle") or metadata.get("title") or source.path.stem)),
    }
    arguments = ["--standalone", f"--template={template}", "--mathml", "--section-divs", "--wrap=preserve"]
    arguments += [f"--variable={key}={value}" for key, value in variables.items()]
    arguments += [f"--variable=css={css}" for css in ["page.css", *site.stylesheets]]
    if metadata.get("toc"):
        arguments += ["--toc", f"--toc-depth={metadata.get('toc-depth', 3)}"]
    if metadata.get("bibliography"):
        arguments.append("--citeproc")
    return arguments


def _page_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Keep what pandoc should know; switches of Quarto's own stay out of its way."""
    known = {"title", "subtitle", "abstract", "author", "date", "lang", "bibliography", "csl", "link-citations"}
    known |= {"description", "abstract-title", "toc-title", "reference-section-title", "nocite"}
    return {key: value for key, value in metadata.items() if key in known}


def _pandoc(site: Site, page: str, text: str, *, source: str, to: str, arguments: list[str]) -> str:
    reader = _READER if source == "markdown" else source
    try:
        return pypandoc.convert_text(
            text, to, format=reader, extra_args=["--fail-if-warnings", *arguments], cworkdir=str(site.folder)
        )
    except RuntimeError as error:
        reason = " ".join(str(error).split("during conversion:")[-1].split())
        raise RenderError(f"{page}: pandoc refused the page: {reason}") from error


def _navigation_item(item: str | dict[str, Any], folder: Path, page: str) -> str:
    """Link to a page, or a menu of links that opens without a script."""
    if isinstance(item, str) or "menu" not in item:
        return _navigation_link(item, folder, page)
    entries = [{"href": entry} if isinstance(entry, str) else entry for entry in item["menu"]]
    linked = [entry for entry in entries if "href" in entry]  # the others are headings and lines between entries
    links = "".join(f"<li>{_navigation_link(entry, folder, page)}</li>" for entry in linked)
    current = ' class="current"' if page in [entry["href"] for entry in linked] else ""
    return f"<details{current}><summary>{escape(str(item.get('text', '')))}</summary><ul>{links}</ul></details>"


def _navigation_link(item: str | dict[str, str], folder: Path, page: str) -> str:
    entry = {"href": item} if isinstance(item, str) else item
    href = str(entry.get("href", ""))
    text = entry.get("text") or _title(folder / href)
    current = ' aria-current="page"' if href == page else ""
    target = f"{href.removesuffix('.qmd')}.html" if href.endswith(".qmd") else href
    return f'<a href="{escape(target)}"{current}>{escape(str(text))}</a>'


def _title(path: Path) -> str:
    return str(read_source(path).metadata.get("title", path.stem)) if path.suffix == ".qmd" else path.name


def _copy(folder: Path, names: list[str], output: Path) -> None:
    for name in names:
        origin, target = folder / name, output / name
        if origin.is_file() and output.resolve() in target.resolve().parents:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, target)


def _as_list(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
