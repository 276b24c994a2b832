import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from nanochat import course
from nanochat.course import figures

LIGHT, DARK = "#ffffff", "#121212"


@pytest.fixture
def shown(monkeypatch):
    """What is displayed."""
    things = []
    monkeypatch.setattr("IPython.display.display", things.append)
    return things


def draw(alt="A rising line."):
    with course.figure(alt=alt, caption="It rises < 1.") as axes:
        axes.plot([1, 2, 3])
        axes.set(xlabel="time (s)", ylabel="$x^2$ (m)")


def channels(color):
    return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(color):
    """WCAG 2's relative luminance."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(color)]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def as_seen_without_red_cones(color):
    """Protanopia after Vienot, Brettel and Mollon (1999), coarsely, on linear light."""
    r, g, b = (c**2.2 for c in channels(color))
    return (0.11238 * r + 0.88762 * g, 0.11238 * r + 0.88762 * g, 0.00401 * (r - g) + b)


@pytest.mark.parametrize("color", course.COLORS.values())
def test_each_colour_stands_out_on_light_and_dark_pages(color):
    assert contrast(color, LIGHT) >= 3
    assert contrast(color, DARK) >= 3


def test_the_first_colours_differ_for_those_who_do_not_see_red():
    first = [as_seen_without_red_cones(color) for color in list(course.COLORS.values())[:3]]
    for one, other in combinations(first, 2):
        assert sum(abs(a - b) for a, b in zip(one, other)) > 0.1


def test_a_figure_is_svg_in_the_page_s_ink_with_words_for_it(shown):
    draw()
    (figure,) = shown
    page = figure._repr_html_()
    tree = ElementTree.fromstring(figure.svg)
    assert tree.get("aria-label") == "A rising line."
    assert "currentColor" in figure.svg
    assert figures.INK not in figure.svg
    assert "<figcaption>It rises &lt; 1.</figcaption>" in page
    assert "time (s)" in "".join(tree.itertext())
    assert repr(figure) == "[Figure: A rising line.]"


def test_figures_on_one_page_share_no_names_and_are_drawn_alike_twice(shown):
    draw()
    draw("Another.")
    draw()
    first, other, again = shown
    names = [set(re.findall(r' id="([^"]+)"', figure.svg)) for figure in (first, other)]
    assert names[0] and not names[0] & names[1]
    assert first == again
