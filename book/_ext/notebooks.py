"""Offers each chapter as a notebook with its outputs, and links to the repository of the build.

The links need the variables that a workflow of GitHub sets; elsewhere there are none.
"""

import os
from pathlib import Path

import jupytext
import nbformat
from jupyter_cache import get_cache

COLAB = "https://colab.research.google.com/github"
# Where the workflow that builds the book puts the notebooks.
BRANCH = "notebooks"
INSTALL = """\
# Outside of a clone of the course its package is missing: this installs it.
import importlib.util

if importlib.util.find_spec("nanochat") is None:
    %pip install --quiet {address}"""


def setup(app):
    app.connect("config-inited", link_repository)
    # The theme makes its buttons at 501, that for downloads among them.
    app.connect("html-page-context", offer_notebook, priority=450)
    app.connect("html-page-context", link_colab, priority=550)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def repository():
    """The address of the repository whose workflow runs, or None."""
    name = os.environ.get("GITHUB_REPOSITORY")
    return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}" if name else None


def link_repository(app, config):
    """Have each page link to its source and to its editor."""
    if repository():
        config.html_theme_options |= {
            "repository_url": repository(),
            "repository_branch": os.environ.get("GITHUB_REF_NAME", "main"),
            "use_source_button": True,
            "use_edit_page_button": True,
        }


def offer_notebook(app, pagename, templatename, context, doctree):
    """Write an executed page as a notebook beside its source, where the theme links to it."""
    if pagename in app.env.nb_metadata and app.env.nb_metadata[pagename].get("exec_data"):
        cache = get_cache(app.env.mystnb_config.execution_cache_path)
        source = jupytext.read(app.env.doc2path(pagename))
        _, notebook = cache.merge_match_into_notebook(source)
        if repository():
            install_first(notebook, f"git+{repository()}")
        context["ipynb_source"] = f"{pagename}.ipynb"
        target = Path(app.outdir) / "_sources" / context["ipynb_source"]
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)


def link_colab(app, pagename, templatename, context, doctree):
    """Link a chapter to the copy of its notebook that Colab opens."""
    if repository() and "ipynb_source" in context:
        name = os.environ["GITHUB_REPOSITORY"]
        button = {
            "type": "link",
            "url": f"{COLAB}/{name}/blob/{BRANCH}/{Path(pagename).name}.ipynb",
            "text": "Colab",
            "tooltip": "Open in Colab",
            "icon": "fas fa-rocket",
            "label": "launch-colab-button",
        }
        context["header_buttons"].append(button)


def install_first(notebook, address):
    """Have a notebook begin with a cell that installs the package where it is missing."""
    cell = nbformat.v4.new_code_cell(INSTALL.format(address=address))
    notebook.cells.insert(0, cell)
