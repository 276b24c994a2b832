"""A directive that shows a conversation with the model that the chapters of this build made.

Its argument names a JSON file of the run, `{"messages": [{"role", "parts": [{"kind", "text"}]}]}`
or a list of these; its content introduces the conversation. Where no run has left the file, the
build warns.
"""

import json
import os
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from nanochat.pipeline import store

LOGGER = logging.getLogger(__name__)
MISSING = (
    "There is no conversation at %s. Chapter 15 leaves one when it is executed. If it was executed "
    "before, remove .jupyter_cache in the folder _build, and build again."
)
SPEAKERS = {"user": "You", "assistant": "nanochat", "system": "Setting"}


class transcript(nodes.General, nodes.Element):
    """Stands for the conversation until every chapter has run."""


class Transcript(SphinxDirective):
    has_content = True
    required_arguments = 1

    def run(self):
        place = transcript("", name=Path(self.arguments[0]).name)
        self.state.nested_parse(self.content, self.content_offset, place)
        return [place]


def setup(app):
    app.add_node(transcript)
    app.add_directive("transcript", Transcript)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def pages_to_write(app, env):
    """The landing page is written each time: a chapter may have made a new conversation."""
    return [env.config.root_doc]


def fill(app, doctree, docname):
    """Put the conversation in its place."""
    for place in list(doctree.findall(transcript)):
        path = run_folder() / place["name"]
        if path.exists():
            place.replace_self([*place.children, box(path)])
        else:
            LOGGER.warning(MISSING, path, location=docname)
            place.parent.remove(place)


def run_folder():
    """Where the chapters of this build keep their run."""
    return store.default_home() / os.environ.get("NANOCHAT_PROFILE", "cpu")


def box(path):
    """All conversations of a file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    conversations = content if isinstance(content, list) else [content]
    messages = [message for one in conversations for message in one["messages"]]
    return nodes.container("", *map(said, messages), classes=["transcript"])


def said(message):
    """One turn; a call of the tool and its result stand as code."""
    speaker = nodes.strong("", SPEAKERS[message["role"]])
    words = []
    for part in message["parts"]:
        kind = nodes.Text if part["kind"] == "text" else lambda text: nodes.literal("", text)
        words += [nodes.Text(" "), kind(part["text"])]
    return nodes.paragraph("", "", speaker, *words, classes=[f"said-by-{message['role']}"])
