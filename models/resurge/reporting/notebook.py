"""Cells of a page run in Jupyter, and what they show turned into Markdown.

One kernel of the running interpreter serves one page, started in the folder of the page, as Quarto does.
"""

import ast
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from traitlets import default

from resurge.reporting.source import Cell, Prose, RenderError, Source
from resurge.reporting.words import escape_markdown

_SETUP = """
import matplotlib_inline.backend_inline as _inline
_inline.set_matplotlib_formats({format!r})
del _inline
"""
_DEFAULTS = {"echo": True, "eval": True, "output": True, "include": True, "warning": True, "fig-format": "svg"}
_IMAGES = {"image/svg+xml": "svg", "image/png": "png"}


class _CurrentInterpreter(KernelSpecManager):
    """The running Python as a kernel, whatever kernels are installed for Jupyter."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**get_kernel_dict(extra_arguments=["--IPKernelApp.log_level=ERROR"]))


class _KernelManager(AsyncKernelManager):
    """Kernel that the notebook client starts and stops itself."""

    @default("kernel_spec_manager")
    def _find_current_interpreter(self) -> KernelSpecManager:
        return _CurrentInterpreter(parent=self)


def run_page(source: Source, figures: Path, defaults: dict[str, Any]) -> str:
    """Run the cells of a page and return the page as plain Markdown.

    Parameters
    ----------
    source
        The page; its folder is the working directory of the cells.
    figures
        Folder for the image files, made if there is a figure. Links in the Markdown are relative to its grandparent.
    defaults
        Options for all cells (`execute` in ``_quarto.yml`` and in the front matter).

    Raises
    ------
    RenderError
        If a cell fails; names the page, the cell and the reason.
    """
    options = _DEFAULTS | defaults
    planned = [_plan(part, options) for part in source.parts]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_SETUP.format(format=options["fig-format"]))])
    notebook.cells += [cell for cells in planned for cell in cells]
    if len(notebook.cells) > 1:
        _execute(source, notebook)
    texts = [
        part.with_values([_inline_value(cell) for cell in cells])
        if isinstance(part, Prose)
        else _shown(part, cells, options | part.options, figures)
        for part, cells in zip(source.parts, planned, strict=True)
    ]
    return "\n".join(texts)


def _plan(part: Prose | Cell, options: dict[str, Any]) -> list[nbformat.NotebookNode]:
    """Notebook cells of a part: one for each inline expression, or the cell itself."""
    if isinstance(part, Prose):
        return [_code_cell(code, f"the expression `{code}`") for code in part.expressions]
    if not (options | part.options)["eval"]:
        return []
    return [_code_cell(part.code, f"cell {part.label}")]


def _code_cell(code: str, name: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(code, metadata={"name": name})


def _execute(source: Source, notebook: nbformat.NotebookNode) -> None:
    client = NotebookClient(
        notebook,
        kernel_manager_class=_KernelManager,
        timeout=None,
        resources={"metadata": {"path": str(source.path.parent)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        failed = next(cell for cell in notebook.cells if any(o.output_type == "error" for o in cell.outputs))
        reason = " ".join(f"{error.ename}: {error.evalue}".split())
        name = failed.metadata.get("name", "the preparation of figures")
        raise RenderError(f"{source.path.name}: {name} failed: {reason}") from error
    except DeadKernelError as error:
        raise RenderError(f"{source.path.name}: Python stopped while it ran the cells of the page") from error


def _inline_value(cell: nbformat.NotebookNode) -> str:
    """Value of an inline expression: Markdown if it is declared so, else text with everything special escaped."""
    data = next((output.data for output in cell.outputs if output.output_type == "execute_result"), {})
    if "text/markdown" in data:
        return str(data["text/markdown"])
    plain = str(data.get("text/plain", ""))
    return escape_markdown(ast.literal_eval(plain) if plain[:1] in {"'", '"'} else plain)


def _shown(cell: Cell, ran: list[nbformat.NotebookNode], options: dict[str, Any], figures: Path) -> str:
    """Markdown of a cell: its code if wanted, its outputs, and around them the label and the caption."""
    if not options["include"]:
        return ""
    blocks = [_fenced(cell.code, ".python .cell-code")] if options["echo"] else []
    outputs = [output for node in ran for output in node.outputs] if options["output"] else []
    stem = re.sub(r"[^A-Za-z0-9-]+", "-", cell.label)
    shown = [_output(output, options, figures / f"{stem}-{i}") for i, output in enumerate(outputs, start=1)]
    return "\n\n".join(["", *blocks, *_float([text for text in shown if text], options), ""])


def _float(shown: list[str], options: dict[str, Any]) -> list[str]:
    """Give labelled outputs the div by which they can be referred to; its last paragraph is the caption."""
    label = str(options.get("label", ""))
    caption = options.get("fig-cap") or options.get("tbl-cap")
    if not shown or not label.startswith(("fig-", "tbl-")) or not caption:
        return shown
    return [f"::::: {{#{label}}}", *shown, " ".join(str(caption).split()), ":::::"]


def _output(output: nbformat.NotebookNode, options: dict[str, Any], image: Path) -> str:
    if output.output_type == "stream":
        if output.name == "stderr":
            return _fenced(output.text, ".cell-output-stderr") if options["warning"] else ""
        return output.text if options["output"] == "asis" else _fenced(output.text, ".cell-output")
    data = output.data
    for kind, suffix in _IMAGES.items():
        if kind in data:
            return _image(data[kind], image.with_suffix(f".{suffix}"), str(options.get("fig-alt", "")))
    if "text/html" in data:
        return _fenced(data["text/html"], "=html")
    if "text/markdown" in data:
        return data["text/markdown"]
    return _fenced(data.get("text/plain", ""), ".cell-output")


def _image(content: str, path: Path, alt: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".svg":
        path.write_text(content, encoding="utf-8")
    else:
        path.write_bytes(b64decode(content))
    quoted = " ".join(alt.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'![]({path.relative_to(path.parents[2]).as_posix()}){{fig-alt="{quoted}"}}'


def _fenced(text: str, kind: str) -> str:
    """Fenced block that its own text cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{{kind}}}\n{text.rstrip()}\n{fence}"
