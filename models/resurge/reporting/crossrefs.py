"""Labels and references of a page, worked out on pandoc's document tree.

Figures, tables, equations and sections get their numbers in the order of the page, and every ``@fig-x`` becomes a link
that says ``Figure 1``. The label's prefix tells the kind, as in Quarto.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from resurge.reporting.source import RenderError

Node = dict[str, Any]
_WORDS = {"fig": "Figure", "tbl": "Table", "eq": "Equation", "sec": "Section"}
_LABEL = re.compile(r"^(fig|tbl|eq|sec)-.+")
_TRAILING_LABEL = re.compile(r"^\{#((?:eq|tbl)-[^}\s]+)\}$")


def resolve_references(document: Node, page: str, *, numbered_sections: bool) -> Node:
    """Give numbers to what is labelled and turn references into links.

    Parameters
    ----------
    document
        Pandoc's JSON document.
    page
        Name of the page, for messages.
    numbered_sections
        Whether headings carry numbers; if not, a reference to a section shows its title.

    Raises
    ------
    RenderError
        If a reference has no target or a label is used twice.
    """
    blocks = transform(document["blocks"], _plain_labels)
    titles = _number(blocks, page, numbered_sections=numbered_sections)
    blocks = transform(blocks, lambda node: _float(node, titles, page))
    blocks = transform(blocks, lambda node: _equation(node, titles))
    return document | {"blocks": transform(blocks, lambda node: _reference(node, titles, page))}


def transform(tree: Any, change: Callable[[Node], list[Node] | None]) -> Any:  # noqa: ANN401
    """Rebuild a document tree from its leaves up.

    `change` gets every node after its children; what it returns takes the node's place in its list, None keeps it.
    """
    if isinstance(tree, dict):
        return {key: transform(value, change) for key, value in tree.items()}
    if not isinstance(tree, list):
        return tree
    result: list[Any] = []
    for item in tree:
        new = transform(item, change)
        changed = change(new) if isinstance(new, dict) and "t" in new else None
        result.extend([new] if changed is None else changed)
    return result


def nodes(tree: Any) -> Iterator[Node]:  # noqa: ANN401
    """All nodes of a document tree in reading order."""
    if isinstance(tree, dict):
        if "t" in tree:
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for item in tree:
            yield from nodes(item)


def plain_text(inlines: list[Node]) -> str:
    """Text of inline nodes without their marks."""
    spaces = {"Space", "SoftBreak", "LineBreak"}
    found = (" " if n["t"] in spaces else n["c"] if n["t"] == "Str" else "" for n in nodes(inlines))
    return "".join(found).strip()


def raw_html(text: str) -> Node:
    """Block of HTML that goes through as it is."""
    return {"t": "RawBlock", "c": ["html", text]}


def _plain_labels(node: Node) -> list[Node] | None:
    """Bring every way to label into one: a div for floats, a span around the formula for equations."""
    if node["t"] == "Figure" and node["c"][0][0].startswith("fig-"):
        attributes, caption, content = node["c"]
        return [{"t": "Div", "c": [attributes, [*content, *caption[1]]]}]
    if node["t"] == "Table":
        return _labelled_table(node)
    if node["t"] in {"Para", "Plain"}:
        return [{"t": node["t"], "c": _labelled_equations(node["c"])}]
    return None


def _labelled_table(node: Node) -> list[Node] | None:
    attributes, caption, *rest = node["c"]
    blocks = caption[1]
    inlines = blocks[-1]["c"] if blocks else []
    last = _TRAILING_LABEL.match(inlines[-1].get("c", "") if inlines and inlines[-1]["t"] == "Str" else "")
    label = last[1] if last else attributes[0]
    if not label.startswith("tbl-"):
        return None
    table = {"t": "Table", "c": [["", *attributes[1:]], [None, []], *rest]}
    return [{"t": "Div", "c": [[label, [], []], [table, {"t": "Para", "c": inlines[:-1] if last else inlines}]]}]


def _labelled_equations(inlines: list[Node]) -> list[Node]:
    result: list[Node] = []
    for inline in inlines:
        label = _TRAILING_LABEL.match(inline["c"]) if inline["t"] == "Str" else None
        formula = next((i for i in (-1, -2) if len(result) >= -i and result[i]["t"] == "Math"), None)
        if label and formula:
            result[formula:] = [{"t": "Span", "c": [[label[1], ["equation"], []], [result[formula]]]}]
        else:
            result.append(inline)
    return result


def _number(blocks: list[Node], page: str, *, numbered_sections: bool) -> dict[str, str]:
    """Count labels in reading order: label -> the words of a reference to it. Headings get their numbers in place."""
    titles: dict[str, str] = {}
    counts = dict.fromkeys(_WORDS, 0)
    sections = _section_numbers(blocks)
    for node in nodes(blocks):
        label = _label(node)
        number = sections.get(id(node), "")
        title = plain_text(node["c"][2]) if node["t"] == "Header" else ""
        if numbered_sections and number:
            node["c"][2][:0] = [{"t": "Span", "c": [["", ["section-number"], []], _text(number)]}, {"t": "Space"}]
        if not label:
            continue
        if label in titles:
            raise RenderError(f"{page}: the label {label} is used twice")
        kind = label.split("-")[0]
        counts[kind] += 1
        titles[label] = title if title and not numbered_sections else f"{_WORDS[kind]} {number or counts[kind]}"
    return titles


def _section_numbers(blocks: list[Node]) -> dict[int, str]:
    """Count headings, the highest level on the page being the first: identity of the node -> number."""
    headings = [node for node in nodes(blocks) if node["t"] == "Header" and "unnumbered" not in node["c"][1][1]]
    top = min((node["c"][0] for node in headings), default=1)
    numbers: dict[int, str] = {}
    depths: list[int] = []
    for node in headings:
        depth = node["c"][0] - top + 1
        depths = [*depths, *[0] * depth][:depth]
        depths[-1] += 1
        numbers[id(node)] = ".".join(map(str, depths))
    return numbers


def _label(node: Node) -> str:
    attributes = {"Div": 0, "Span": 0, "Header": 1}.get(node["t"])
    label = node["c"][attributes][0] if attributes is not None else ""
    return label if _LABEL.match(label) else ""


def _float(node: Node, titles: dict[str, str], page: str) -> list[Node] | None:
    """Figure or table as an HTML figure: a table's caption stands above it, a figure's below."""
    label = _label(node) if node["t"] == "Div" else ""
    if not label.startswith(("fig-", "tbl-")):
        return None
    *content, caption = node["c"][1]
    if caption["t"] not in {"Para", "Plain"} or not content:
        raise RenderError(f"{page}: {label} has no caption; its last paragraph should be one")
    number = [{"t": "Strong", "c": _text(f"{titles[label]}:")}, {"t": "Space"}]
    caption = [
        raw_html(f'<figcaption id="{label}-caption">'),
        {"t": "Plain", "c": [*number, *caption["c"]]},
        raw_html("</figcaption>"),
    ]
    kind = label[:3]
    body = [*content, *caption] if kind == "fig" else [*caption, *content]
    return [raw_html(f'<figure id="{label}" class="float-{kind}">'), *body, raw_html("</figure>")]


def _equation(node: Node, titles: dict[str, str]) -> list[Node] | None:
    label = _label(node) if node["t"] == "Span" else ""
    if not label.startswith("eq-"):
        return None
    number = {"t": "Span", "c": [["", ["equation-number"], []], _text(f"({titles[label].split()[-1]})")]}
    return [{"t": "Span", "c": [node["c"][0], [*node["c"][1], number]]}]


def _reference(node: Node, titles: dict[str, str], page: str) -> list[Node] | None:
    if node["t"] != "Cite":
        return None
    citations = node["c"][0]
    if not all(_LABEL.match(citation["citationId"]) for citation in citations):
        return None
    links: list[Node] = []
    for citation in citations:
        label = citation["citationId"]
        if label not in titles:
            raise RenderError(f"{page}: @{label} refers to nothing on this page")
        bare = citation["citationMode"]["t"] == "SuppressAuthor" or citation["citationPrefix"]
        words = titles[label].split()[-1] if bare and not label.startswith("sec-") else titles[label]
        link = {"t": "Link", "c": [["", ["crossref"], []], _text(words), [f"#{label}", ""]]}
        prefix = [*citation["citationPrefix"], {"t": "Space"}] if citation["citationPrefix"] else []
        links += [*(_text(", ") if links else []), *prefix, link]
    return links


def _text(words: str) -> list[Node]:
    return [{"t": "Str", "c": words}]
