"""Callouts, tables, tab sets and links between pages on pandoc's document tree."""

from html import escape

from resurge.reporting.crossrefs import Node, nodes, plain_text, raw_html, transform

_KINDS = ("note", "tip", "important", "caution", "warning")


def shape_blocks(document: Node) -> Node:
    """Give callouts their markup, show tab sets one under the other, and point links at rendered pages."""
    return document | {"blocks": transform(document["blocks"], _shape)}


def linked_files(document: Node) -> list[str]:
    """Local files that the page shows as images."""
    targets = (node["c"][2][0] for node in nodes(document["blocks"]) if node["t"] == "Image")
    return [target for target in targets if "://" not in target and not target.startswith("data:")]


def _shape(node: Node) -> list[Node] | None:
    if node["t"] == "Div":
        return _callout(node)
    if node["t"] == "Link":
        attributes, words, (target, title) = node["c"]
        return [{"t": "Link", "c": [attributes, words, [_page_link(target), title]]}]
    if node["t"] == "Table":
        return [raw_html('<div class="table-scroll">'), node, raw_html("</div>")]
    if node["t"] == "Image":
        return [_image(node)]
    return None


def _callout(node: Node) -> list[Node] | None:
    (identifier, classes, pairs), blocks = node["c"]
    kind = next((kind for kind in _KINDS if f"callout-{kind}" in classes), None)
    if kind is None:
        return None
    options = dict(pairs)
    title = options.get("title") or kind.capitalize()
    if blocks and blocks[0]["t"] == "Header":
        title, blocks = plain_text(blocks[0]["c"][2]), blocks[1:]
    name = f' id="{escape(identifier)}"' if identifier else ""
    heading = escape(title)
    if "collapse" in options:
        state = " open" if options["collapse"] == "false" else ""
        start = (
            f'<details class="callout callout-{kind}"{name}{state}><summary class="callout-title">{heading}</summary>'
        )
        return [raw_html(start), *blocks, raw_html("</details>")]
    start = f'<aside class="callout callout-{kind}"{name} aria-label="{heading}"><p class="callout-title">{heading}</p>'
    return [raw_html(start), *blocks, raw_html("</aside>")]


def _page_link(target: str) -> str:
    path, mark, anchor = target.partition("#")
    is_page = path.endswith(".qmd") and "://" not in path
    return f"{path.removesuffix('.qmd')}.html{mark}{anchor}" if is_page else target


def _image(node: Node) -> Node:
    """Alternative text from `fig-alt`, under the name that HTML knows."""
    (identifier, classes, pairs), words, target = node["c"]
    renamed = [["alt" if key == "fig-alt" else key, value] for key, value in pairs]
    return {"t": "Image", "c": [[identifier, classes, renamed], words, target]}
