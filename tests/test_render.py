"""Does the built-in renderer show what a Quarto page says, and nothing that evidence smuggles in?"""

import re
import shutil
from html.parser import HTMLParser

import pytest

from resurge.reporting import render
from resurge.reporting.render import RenderError, render_reports

PROJECT = """
project:
  type: website
  output-dir: _site
  render: [index.qmd, second.qmd]
execute: {freeze: false, error: false, echo: false, warning: false}
website:
  title: Sample & Co
  navbar:
    left:
      - href: index.qmd
        text: Start
      - second.qmd
      - text: More & more
        menu:
          - href: index.qmd
            text: The start
          - text: "---"
          - second.qmd
  page-footer: "A *footer*"
format:
  html: {theme: default, toc: true, html-math-method: mathml, css: styles.css, fig-format: svg}
lang: en
bibliography: references.bib
"""

INDEX = r"""---
title: First page
subtitle: With everything
abstract: A short *abstract*.
---

```{python}
from pathlib import Path
from IPython.display import Markdown
from matplotlib.figure import Figure

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) $a$ @fig-line | `c` {{< x >}} **b** 'q'"
folder = Path.cwd().name
```

## Results {#sec-results}

In @fig-line and @tbl-rates and [Tab. @tbl-pipe], from @eq-hazard, see @sec-results, as found [@pan2017]; also
[the other page](second.qmd#sec-there). Two and two is `{python} 2 + 2`; hostile: `{python} HOSTILE`;
bold: `{python} Markdown("**very**")`; kept: ``{python} 1``; folder: `{python} folder`.

$$
h(t) = \frac{d}{T}
$$ {#eq-hazard}

```{python}
#| label: fig-line
#| fig-cap: "A line with *emphasis*."
#| fig-alt: 'A line that rises from "one" to two.'
figure = Figure()
figure.subplots().plot([1, 2])
figure
```

```{python}
#| label: tbl-rates
#| tbl-cap: Rates.
import pandas as pd

pd.DataFrame({"who": [HOSTILE]})
```

::: {#tbl-div}

```{python}
Markdown("| a |\n|---|\n| 1 |")
```

A computed caption: `{python} 6 * 7`.
:::

| b |
|---|
| 2 |

: A pipe table {#tbl-pipe}

::: {.callout-note title="Limits <here>"}
Not a *device*.
:::

::: {.callout-tip collapse="true"}
## Folded
Inside.
:::

::: {.panel-tabset}
### One
First tab.

### Two
Second tab.
:::

{{< include _part.qmd >}}

```{python}
#| output: asis
print("### Made by a cell\n\nwith *marks*")
```

```{python}
#| echo: true
#| eval: false
shown = "but not run"
```

```python
literal = "`{python} not_run`"
```
"""

SECOND = """---
title: Second page
---

## There {#sec-there}

Back to [the first](index.qmd).

## References
"""

REFERENCES = (
    """@article{pan2017, author = {Pan, Hongchao}, title = {Twenty-year risks}, journal = {NEJM}, year = {2017}}"""
)


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    for name, text in {
        "_quarto.yml": PROJECT,
        "index.qmd": INDEX,
        "second.qmd": SECOND,
        "_part.qmd": "Pasted from a part: `{python} 10 + 1`.\n",
        "styles.css": "h1 { color: #111; }",
        "references.bib": REFERENCES,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = project.__wrapped__(tmp_path_factory.mktemp("sample"))
    said = []
    page = render_reports(folder, renderer="pandoc", progress=said.append)
    assert page == folder / "_site" / "index.html"
    assert said == ["index.qmd", "second.qmd"]
    return page.read_text(encoding="utf-8")


def text_of(html: str) -> str:
    """Visible words of a piece of HTML."""
    pieces = []
    parser = HTMLParser()
    parser.handle_data = pieces.append
    parser.feed(html)
    return " ".join("".join(pieces).split())


def test_title_block_navigation_and_footer(html):
    assert '<html lang="en">' in html
    assert "<title>First page – Sample &amp; Co</title>" in html
    assert "With everything" in html
    assert "A short <em>abstract</em>" in html
    assert '<a href="index.html" aria-current="page">Start</a>' in html
    assert '<a href="second.html">Second page</a>' in html
    assert "A <em>footer</em>" in html
    assert 'name="viewport"' in html
    assert 'href="#content"' in html
    assert 'href="#sec-results"' in html.split("<main")[0]


def test_menus_of_the_navigation_open_without_a_script(html):
    menu = re.search(r"<details.*?</details>", html.split("<main")[0], re.DOTALL)[0]
    assert text_of(menu) == "More & moreThe startSecond page"
    assert menu.startswith('<details class="current">')
    assert '<li><a href="index.html" aria-current="page">The start</a></li>' in menu
    assert '<li><a href="second.html">Second page</a></li></ul>' in menu


def test_nothing_is_fetched_from_elsewhere(html):
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)
    assert "<script" not in html
    assert "<math" in html


def test_figure_has_number_caption_alternative_text_and_file(html, request):
    figure = re.search(r'<figure id="fig-line".*?</figure>', html, re.DOTALL)[0]
    assert text_of(figure) == "Figure 1: A line with emphasis."
    assert 'alt="A line that rises from &quot;one&quot; to two."' in figure
    assert 'src="index_files/figure-html/fig-line-1.svg"' in figure


def test_tables_are_numbered_in_the_order_of_the_page(html):
    assert "Table 1: Rates." in text_of(html)
    assert "Table 2: A computed caption: 42." in text_of(html)
    assert "Table 3: A pipe table" in text_of(html)


def test_references_become_links(html):
    sentence = re.search(r"<p>In <a.*?</p>", html, re.DOTALL)[0]
    assert text_of(sentence).startswith(
        "In Figure 1 and Table 1 and Tab. 3, from Equation 1, see Results, as found (Pan 2017); also the other page."
    )
    assert 'href="#fig-line"' in sentence
    assert 'href="second.html#sec-there"' in sentence
    assert "Twenty-Year Risks" in text_of(html)
    assert '<span class="equation-number">(1)</span>' in html


def test_inline_values_are_shown_and_plain_text_is_escaped(html):
    sentence = text_of(re.search(r"<p>In <a.*?</p>", html, re.DOTALL)[0])
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) $a$ @fig-line | `c` {{< x >}} **b** 'q'"
    assert "Two and two is 4;" in sentence
    assert f"hostile: {hostile};" in sentence.replace("‘", "'").replace("’", "'")
    assert "bold: very;" in sentence
    assert "kept: {python} 1;" in sentence
    assert "folder: reports." in sentence
    assert "javascript:" not in "".join(re.findall(r'href="[^"]*"', html))


def test_callouts_tabs_includes_and_code(html):
    words = text_of(html)
    assert re.search(r'<aside class="callout callout-note" aria-label="Limits &lt;here&gt;">', html)
    assert re.search(r'<details class="callout callout-tip"><summary class="callout-title">Folded</summary>', html)
    assert words.index("First tab.") < words.index("Second tab.")
    assert "Pasted from a part: 11." in words
    assert "Made by a cell" in words
    assert "but not run" in words
    assert "Path.cwd" not in words
    assert "`{python} not_run`" in words


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (
            "```{python}\n#| label: bad-cell\nraise ValueError('no such\\nthing')\n```",
            "cell bad-cell failed: ValueError: no such thing",
        ),
        ("Value: `{python} nowhere`", "the expression `nowhere` failed: NameError: name 'nowhere' is not defined"),
        ("See @fig-none.", "@fig-none refers to nothing on this page"),
        ("::: {#fig-a}\n![](a.png)\n:::", "fig-a has no caption"),
        ("$$a$$ {#eq-a}\n\n$$b$$ {#eq-a}", "the label eq-a is used twice"),
        ("As found [@nobody].", "nobody"),
        ("{{< video x.mp4 >}}", "the shortcode `video` needs Quarto"),
        ("{{< include second.qmd >}}", "second.qmd includes itself"),
        ("```{python}\n#| label: [\n1\n```", "the list of options of the cell at line 4 is not valid YAML"),
        ("```{python}\n1", "the cell at line 4 is never closed"),
    ],
)
def test_a_page_that_fails_says_where_and_leaves_the_old_site(project, page, reason):
    old = project / "_site"
    old.mkdir()
    (old / "index.html").write_text("old")
    (project / "second.qmd").write_text(f"---\ntitle: Second\n---\n{page}\n")
    (project / "index.qmd").write_text("---\ntitle: First\n---\n\nText.\n")
    with pytest.raises(RenderError) as raised:
        render_reports(project, renderer="pandoc")
    assert str(raised.value).startswith("second.qmd: ")
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)
    assert (old / "index.html").read_text() == "old"
    assert {path.name for path in project.iterdir() if path.is_dir()} == {"_site"}


def test_numbered_sections_are_referred_to_by_number(project):
    headings = "## A\n\n### B {#sec-b}\n\n## C {.unnumbered}\n\n## D {#sec-d}"
    text = f"---\ntitle: T\nnumber-sections: true\n---\n\n{headings}\n\nIn @sec-b, @sec-d."
    (project / "second.qmd").write_text(text)
    (project / "index.qmd").write_text("---\ntitle: First\n---\n\nText.\n")
    render_reports(project, renderer="pandoc")
    words = text_of((project / "_site" / "second.html").read_text().split("<main")[1])
    assert "1 A 1.1 B C 2 D In Section 1.1, Section 2." in words


def test_missing_project_and_missing_page_are_told(project, tmp_path):
    with pytest.raises(RenderError, match="no report project"):
        render_reports(tmp_path)
    (project / "second.qmd").unlink()
    with pytest.raises(RenderError, match=r"pages that do not exist: second\.qmd"):
        render_reports(project, renderer="pandoc")


def test_without_quarto_a_pdf_is_refused_in_one_sentence(project, monkeypatch):
    monkeypatch.setattr(render.shutil, "which", lambda _: None)
    with pytest.raises(RenderError, match="a PDF needs Quarto"):
        render_reports(project, to="pdf")
    with pytest.raises(RenderError, match="quarto is not on the path"):
        render_reports(project, renderer="quarto")


def test_quarto_gets_the_running_python_and_its_failure_is_told(project, tmp_path, monkeypatch):
    stand_in = tmp_path / "bin" / "quarto"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\ncd "$2" && echo "$QUARTO_PYTHON" > "$6/index.html"\nexit ${QUARTO_FAILS:-0}\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(stand_in.parent), prepend=":")
    page = render_reports(project)
    assert page.read_text().strip() == render.sys.executable
    monkeypatch.setenv("QUARTO_FAILS", "1")
    with pytest.raises(RenderError, match="quarto could not render"):
        render_reports(project)
    assert page.exists()


@pytest.mark.skipif(shutil.which("quarto") is None, reason="quarto is not installed here")
def test_quarto_renders_the_same_sources(project):
    html = render_reports(project, renderer="quarto").read_text(encoding="utf-8")
    words = text_of(html)
    for phrase in ("With everything", "A line with emphasis.", "A computed caption: 42.", "Pasted from a part: 11."):
        assert phrase in words
    assert '<a href="javascript' not in html
