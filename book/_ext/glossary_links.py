"""Links the first use of each term of the glossary on a chapter's page to what the term means."""

import re

from docutils import nodes

GLOSSARY = "book/glossary"
# Where a link would stand inside of another, or inside of what is no prose.
NOT_PROSE = (nodes.reference, nodes.literal, nodes.math, nodes.raw, nodes.title, nodes.citation)


def setup(app):
    app.connect("env-before-read-docs", look_for_glossary)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", link_first_uses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def look_for_glossary(app, env, docnames):
    """Whether the glossary is read anew, and its terms may be others."""
    env.glossary_is_new = GLOSSARY in docnames


def pages_to_write(app, env):
    """All pages with a new glossary: a link of the last build may lead to a term that is gone."""
    return env.found_docs if env.glossary_is_new else []


def link_first_uses(app, doctree, docname):
    """Turn the first use of each term in a chapter's paragraphs into a link."""
    if docname.startswith("chapters/"):
        targets = addresses(app, docname)
        pattern = any_of(targets)
        for text in list(doctree.findall(nodes.Text)):
            if is_prose(text):
                text.parent.replace(text, linked(text, pattern, targets))


def addresses(app, docname):
    """Where each term is explained, as a page links to it; an entry may hold several terms."""
    entries = app.env.get_domain("std").objects.items()
    return {
        term.lower(): f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        for (kind, entry), (page, anchor) in entries
        if kind == "term"
        for term in entry.split(", ")
    }


def any_of(terms):
    """A pattern for each of the terms and its plural, the longest first."""
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})s?(?![\w-])", re.I)


def is_prose(text):
    """Whether a text stands in a paragraph, and neither in a link nor in what a cell printed."""
    above = []
    node = text.parent
    while node is not None:
        above.append(node)
        node = node.parent
    return any(isinstance(node, nodes.paragraph) for node in above) and not any(
        isinstance(node, NOT_PROSE) or "cell_output" in node.get("classes", ()) for node in above
    )


def linked(text, pattern, targets):
    """The text in pieces, among them a link for each term not met before; `targets` forgets it."""
    pieces, at = [], 0
    for match in pattern.finditer(text):
        address = targets.pop(match[1].lower(), None)
        if address:
            link = nodes.reference("", match[0], refuri=address, internal=True, classes=["term"])
            pieces += [nodes.Text(text[at : match.start()]), link]
            at = match.end()
    return [*pieces, nodes.Text(text[at:])]
