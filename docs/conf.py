"""How `sphinx-build -nW docs build/docs` makes the pages; a link to nowhere is an error."""

project = "herokuclock"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "herokuclock"
html_show_copyright = html_show_sphinx = html_copy_source = False
exclude_patterns = ["*.py"]
myst_heading_anchors = 2  # `jobs.md#what-you-may-type`
highlight_language = "none"
