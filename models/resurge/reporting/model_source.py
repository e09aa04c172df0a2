"""The text and the code of a model, read from its source files.

The source is read as text; the model itself is never imported, so that a page does not wait for PyMC.
"""

import ast
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pypandoc
from IPython.display import Markdown


def model_text(module: str) -> Markdown:
    """Glossary and equations, from the docstring of a module of the synthesis."""
    docstring = ast.get_docstring(ast.parse(_source(module))) or ""
    return Markdown(
        pypandoc.convert_text(docstring, "markdown", "rst", ["--shift-heading-level-by=2", "--columns=160"])
    )


def model_code(functions: Iterable[tuple[str, str]]) -> Markdown:
    """Give the functions that build a model, as they run: module and name of each, in order."""
    written = "\n\n\n".join(_function(module, name) for module, name in functions)
    return Markdown(f"````python\n{written}\n````")


def _source(module: str) -> str:
    return Path(find_spec(f"resurge.synthesis.{module}").origin).read_text(encoding="utf-8")


def _function(module: str, name: str) -> str:
    """Text of a function, read from its module."""
    source = _source(module)
    function = next(node for node in ast.parse(source).body if getattr(node, "name", "") == name)
    return ast.get_source_segment(source, function)
