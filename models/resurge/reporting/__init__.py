"""Results as figures, tables and words, and the rendering of the reports.

Public names live in their modules (`render.render_reports`, `words`, `tables`, `figures`, `pages.load`), imported one
by one: a command that only needs words does not wait for Jupyter or matplotlib.
"""
