"""Keeps pages light and on their own host: no Thebe, no icons twice, MathJax from its package."""

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

UNUSED = (
    re.compile(r'\s*<script src="[^"]*/fontawesome/[^"]*"></script>'),
    re.compile(r'\s*<link rel="preload"[^>]*/webfonts/[^>]*>'),
    # sphinx-exercise gives every box of a page the same name.
    re.compile(r' id="(?:exercise|solution)-content"'),
    # A list whose entries are not list items is worse for a screen reader than none.
    re.compile(r'(?<=<div) role="list"(?= class="citation-list")'),
)
# The parts of MathJax that formulas here need: 160 kB compressed, where its usual bundle has 260.
MATHJAX_PARTS = (
    "startup.js",
    "core.js",
    "input/tex-base.js",
    "input/tex/extensions/ams.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
MATHJAX = {
    "loader": {"load": ["input/tex-base", "[tex]/ams", "output/chtml", "a11y/assistive-mml"]},
    "tex": {"packages": ["base", "ams"]},
    "options": {"enableAssistiveMml": True},
}


def setup(app):
    app.config.mathjax_path = "mathjax/startup.js"
    app.config.mathjax3_config = MATHJAX
    app.connect("html-page-context", drop_scripts, priority=900)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def drop_scripts(app, pagename, templatename, context, doctree):
    """Leave out Thebe, and MathJax where a page has no formula."""
    unused = ["thebe"]
    if 'class="math' not in context.get("body", ""):
        unused += ["mathjax", "MathJax"]
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if not mentions(file, unused)]


def mentions(file, words):
    """Whether a script's or a style sheet's address or text has one of the words."""
    text = str(file.filename) + str(file.attributes.get("body", ""))
    return any(word in text for word in words)


def finish(app, error):
    """Trim the pages and put MathJax beside them."""
    if error is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            trim(page)
        copy_mathjax(Path(app.outdir) / "_static" / "mathjax")


def trim(page):
    """Drop what the theme's template links and no page uses."""
    text = page.read_text(encoding="utf-8")
    slim = text
    for pattern in UNUSED:
        slim = pattern.sub("", slim)
    if slim != text:
        page.write_text(slim, encoding="utf-8")


def copy_mathjax(target):
    """Copy the needed parts and the fonts out of the package sphinx-mathjax-offline."""
    source = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    for part in MATHJAX_PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / part, target / part)
    fonts = "output/chtml/fonts/woff-v2"
    shutil.copytree(source / fonts, target / fonts, dirs_exist_ok=True)
