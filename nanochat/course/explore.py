"""Figures that a reader works by hand: the page's own data, and words where there is no script."""

import html
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Explorable:
    """Data for a figure of book/_static/explore.js, with the text that stands in its place."""

    kind: str
    data: dict
    caption: str
    alt: str

    def __repr__(self) -> str:
        return f"{self.alt}\n{self.caption}"

    def _repr_html_(self) -> str:
        # A "<" in the data could close the script element.
        data = json.dumps(self.data).replace("<", "\\u003c")
        return (
            f'<figure class="course explore" data-explore="{html.escape(self.kind)}">'
            f'<script type="application/json">{data}</script>'
            f'<p class="explore-alt">{html.escape(self.alt)}</p>'
            f"<figcaption>{html.escape(self.caption)}</figcaption></figure>"
        )


def explore(kind: str, data: dict, caption: str, alt: str) -> Explorable:
    """A figure of this kind: "tokenizer", "sampling", "curve" or "attention", on the data given."""
    return Explorable(kind, data, caption, alt)
