"""Figures in one style: read on a phone, on a dark page, and by those who see fewer colours."""

import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import matplotlib.figure
from cycler import cycler
from matplotlib.backends.backend_svg import FigureCanvasSVG

# Apart for every common kind of colour blindness, and at least 3:1 on white and on the dark page.
COLORS = {
    "blue": "#2b7bba",
    "vermilion": "#d55e00",
    "green": "#009470",
    "purple": "#b8669a",
    "brown": "#a07400",
    "grey": "#808080",
}
# Stands for the page's own text colour until the figure is SVG.
INK = "#010203"
STYLE = {
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=list(COLORS.values())),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "grid.alpha": 0.25,
    "grid.color": COLORS["grey"],
    "image.cmap": "viridis",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
WIDTH = 4.8


@dataclass(frozen=True)
class Figure:
    """A drawn figure: SVG in the page's own ink, what it shows, and what it says."""

    svg: str
    alt: str
    caption: str = ""

    def __repr__(self) -> str:
        return f"[Figure: {self.alt}]"

    def _repr_html_(self) -> str:
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure class="course">{self.svg}{caption}</figure>'


@contextmanager
def figure(
    alt: str, caption: str = "", rows: int = 1, columns: int = 1, height: float = 2.9, **subplots
) -> Iterator:
    """Yield axes to draw on, as `plt.subplots` gives them, and show the figure when the block ends.

    `alt` says what is drawn to those who cannot see it; `caption` says what was found; `height` is
    in inches, and the figure is 4.8 inches wide, so that its text can be read on a phone."""
    # Only notebooks draw; the rest of the course works without IPython.
    from IPython.display import display

    with matplotlib.rc_context(STYLE):
        drawing = matplotlib.figure.Figure(figsize=(WIDTH, height))
        FigureCanvasSVG(drawing)
        yield drawing.subplots(rows, columns, **subplots)
        svg = _svg(drawing, alt)
    display(Figure(svg, alt, caption))


def _svg(drawing, alt: str) -> str:
    """The drawing as inline SVG that takes its ink from the page."""
    target = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": alt}):
        drawing.savefig(target, format="svg", metadata={"Date": None})
    svg = target.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    label = html.escape(alt, quote=True)
    return _without_spare_ids(svg).replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def _without_spare_ids(svg: str) -> str:
    """Names that nothing in the figure uses would clash with those of the next figure."""
    used = set(re.findall(r'#([^")]+)[")]', svg))
    return re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in used else "", svg)
