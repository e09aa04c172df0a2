"""Sources of a report page: a Quarto document taken apart into prose and cells, nothing run.

Only what Quarto documents is understood: YAML front matter, ```` ```{python} ```` cells with ``#|`` options, inline
expressions `` `{python} x` `` and ``{{< include _part.qmd >}}``.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from resurge.errors import ResurgeError

_FENCE = re.compile(r"^(?P<ticks>`{3,}|~{3,})\s*(?P<info>.*?)\s*$")
_INCLUDE = re.compile(r"^\{\{<\s*include\s+(?P<path>\S+)\s*>\}\}\s*$")
_SHORTCODE = re.compile(r"\{\{<\s*(?P<name>\S+)")
_INLINE = re.compile(r"(?<!`)`\{python\}\s+(?P<code>[^`]+?)\s*`(?!`)")
_CELL = "{python}"


class RenderError(ResurgeError):
    """A report could not be rendered; the message is one sentence that names the page."""

    exit_code = 5


@dataclass(frozen=True)
class Prose:
    """Markdown between two cells."""

    text: str

    @property
    def expressions(self) -> list[str]:
        """Inline Python expressions in the order in which they appear, those in code blocks left alone."""
        return [match["code"] for match in self._inline()]

    def with_values(self, values: list[str]) -> str:
        """Put Markdown in the place of the inline expressions.

        Parameters
        ----------
        values
            One piece of Markdown for each of `expressions`.
        """
        pieces, position = [], 0
        for match, value in zip(self._inline(), values, strict=True):
            pieces += [self.text[position : match.start()], value]
            position = match.end()
        return "".join([*pieces, self.text[position:]])

    def _inline(self) -> list[re.Match[str]]:
        blocks = _code_block_spans(self.text)
        return [m for m in _INLINE.finditer(self.text) if not any(a <= m.start() < b for a, b in blocks)]


@dataclass(frozen=True)
class Cell:
    """A Python cell with its options."""

    code: str
    line: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The label, or the place in the source where there is none."""
        return str(self.options.get("label") or f"at line {self.line}")


@dataclass(frozen=True)
class Source:
    """A page as written: front matter, then prose and cells in order."""

    path: Path
    metadata: dict[str, Any]
    parts: tuple[Prose | Cell, ...]


def read_source(path: Path) -> Source:
    """Read a page and everything that it includes.

    Raises
    ------
    RenderError
        If the page, a part of it, its front matter or the options of a cell cannot be read.
    """
    metadata, body, offset = _front_matter(path, _read(path, path))
    lines = _include(path, body.splitlines(), seen=(path.resolve(),))
    return Source(path, metadata, tuple(_split(path, lines, offset)))


def _read(page: Path, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{page.name}: cannot read {path.name}: {error}") from error


def _front_matter(path: Path, text: str) -> tuple[dict[str, Any], str, int]:
    match = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", text, flags=re.DOTALL)
    if not match:
        return {}, text, 0
    return _yaml(path, match[1], "front matter"), text[match.end() :], text[: match.end()].count("\n")


def _yaml(path: Path, text: str, what: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise RenderError(f"{path.name}: the {what} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise RenderError(f"{path.name}: the {what} should be a list of `key: value` lines")
    return found


def _include(path: Path, lines: list[str], seen: tuple[Path, ...]) -> list[str]:
    """Replace include lines by the text of the named files, as pasted text, to any depth."""
    result: list[str] = []
    for line, in_block in zip(lines, _in_block(lines), strict=True):
        shortcode = None if in_block else _SHORTCODE.search(line)
        include = None if in_block else _INCLUDE.match(line)
        if include:
            part = (path.parent / include["path"]).resolve()
            if part in seen:
                raise RenderError(f"{path.name}: {include['path']} includes itself")
            text = _front_matter(part, _read(path, part))[1]
            result += _include(part, text.splitlines(), (*seen, part))
        elif shortcode:
            name = shortcode["name"]
            raise RenderError(
                f"{path.name}: the shortcode `{name}` needs Quarto; only `include`, on its own line, does not"
            )
        else:
            result.append(line)
    return result


def _in_block(lines: list[str]) -> list[bool]:
    """Tell for each line whether it belongs to a fenced code block, its fences included."""
    flags, closing = [], None
    for line in lines:
        fence = _FENCE.match(line)
        flags.append(closing is not None or fence is not None)
        if closing is None and fence:
            closing = fence["ticks"]
        elif closing is not None and fence and not fence["info"] and fence["ticks"].startswith(closing):
            closing = None
    return flags


def _code_block_spans(text: str) -> list[tuple[int, int]]:
    spans, position = [], 0
    lines = text.splitlines(keepends=True)
    for line, inside in zip(lines, _in_block([line.rstrip("\n") for line in lines]), strict=True):
        if inside:
            spans.append((position, position + len(line)))
        position += len(line)
    return spans


def _split(path: Path, lines: list[str], offset: int) -> list[Prose | Cell]:
    parts: list[Prose | Cell] = []
    prose: list[str] = []
    closing, start = None, 0
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if closing is None:
            closing = fence["ticks"] if fence else None
            start = number if fence and fence["info"] == _CELL else -1
            if start == number:
                parts.append(Prose("\n".join([*prose, ""])))
                prose = []
                continue
        elif fence and not fence["info"] and fence["ticks"].startswith(closing):
            closing = None
            if start >= 0:
                parts.append(_cell(path, lines[start + 1 : number], offset + start + 1))
                continue
        if closing is None or start < 0:
            prose.append(line)
    if closing is not None and start >= 0:
        raise RenderError(f"{path.name}: the cell at line {offset + start + 1} is never closed")
    return [*parts, Prose("\n".join([*prose, ""]))]


def _cell(path: Path, lines: list[str], line: int) -> Cell:
    options = [text.removeprefix("#|") for text in lines if text.startswith("#|")]
    code = "\n".join(text for text in lines if not text.startswith("#|"))
    found = _yaml(
        path, "\n".join(text.removeprefix(" ") for text in options), f"list of options of the cell at line {line}"
    )
    return Cell(code.strip("\n"), line, found)
