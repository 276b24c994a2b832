"""The figures that a reader works by hand, on a page of their own opened from a file."""

import math
from pathlib import Path

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe

from nanochat import course
from nanochat.engine import SamplingConfig, sampling
from nanochat.tokenizer import Tokenizer

STATIC = Path(__file__).resolve().parents[2] / "book" / "_static"
TEXTS = (
    "",
    "She'll pay $1567 for 12 pears, WON'T SHE'LL 'ſ?",
    "  two  spaces\n\n\tand\r\n lines \n",
    "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι",
    "सभी मनुष्यों को गौरव",
    "人人生而自由，在尊严和权利上一律平等。",
    "🐢🐢 👩‍👩‍👧‍👦 é e\u0301",
    "حقوق الإنسان ١٢٣٤",
    "ሰው ሁሉ ነፃ",
    "a\ufeffb \ufeff\u0085c\u00a0d\u2003 e\u001cf",
    "<|bos|> </script> aaaaaaa banana!!!\n\n...",
    "strawberry 1234567 ½ Ⅷ ²",
)
LOGITS = torch.linspace(3, -4, 60).sin() * 3 + torch.linspace(2, -2, 60)
RUN = {
    "floor": 0.57,
    "unit": "bits per byte",
    "kinds": ["words", "numbers"],
    "moments": [
        {
            "step": step,
            "tokens": 2048 * step,
            "loss": 4.1 - 0.5 * i,
            "kinds": [6.9 - i, 6.8 - i / 2],
            "texts": [["", f"</script> sample {i}"], ["Once", " upon a time\n" + "x" * 90]],
        }
        for i, step in enumerate((1, 4, 16, 64, 256))
    ],
}


@pytest.fixture(scope="module")
def tokenizer():
    """A tokenizer of a few hundred merges, some of them inside characters."""
    return Tokenizer.train(TEXTS * 3 + (Path(__file__).read_text("utf-8"),), 500)


@pytest.fixture(scope="module")
def address(tokenizer, tmp_path_factory):
    """The address of a page with both figures."""
    words = {"caption": "What it shows.", "alt": "In words."}
    merges = {"merges": tokenizer.merges, "text": "banana bandana </script>"}
    scores = {"tokens": [f"t{i}" for i in range(60)], "logits": LOGITS.tolist()}
    figures = [
        course.explore("tokenizer", merges, **words),
        course.explore("sampling", scores, **words),
    ]
    return written(figures, tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture(scope="module")
def run_address(tmp_path_factory):
    """The address of a page with a run to drag through."""
    figure = course.explore("curve", RUN, caption="What it shows.", alt="In words.")
    return written([figure], tmp_path_factory.mktemp("run") / "page.html")


def written(figures, path: Path) -> str:
    """A page of its own, written to a file, with these figures; its address."""
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>t</title>"
    head += "<style>:root { color-scheme: light dark }"
    head += "body { background: Canvas; color: CanvasText }</style>"
    for name in ("course.css", "explore.css"):
        head += f"<link rel=stylesheet href='{(STATIC / name).as_uri()}'>"
    head += f"<script src='{(STATIC / 'explore.js').as_uri()}'></script>"
    body = "".join(figure._repr_html_() for figure in figures)
    text = f"<!doctype html><html lang=en>{head}<main><h1>Page</h1>{body}</main></html>"
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(params=[(w, t) for w in (1280, 390) for t in ("light", "dark")], ids=str)
def window(request, chromium):
    """A page not yet opened, in a window of one width and theme."""
    width, theme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.trouble = []
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def page(window, address):
    """The page with both figures, open."""
    window.goto(address)
    return window


def test_tokens_are_those_of_the_package(page, tokenizer):
    for text in TEXTS:
        shown = page.evaluate(
            "([text, merges]) => explore.encode(text, merges)", [text, tokenizer.merges]
        )
        assert shown == tokenizer.encode(text), repr(text)


@pytest.mark.parametrize("temperature", [0, 0.3, 1.0, 1.7])
def test_probabilities_are_those_of_the_package(page, temperature):
    for k, p in ((0, 1.0), (5, 1.0), (0, 0.8), (12, 0.5), (0, 0.05)):
        config = SamplingConfig(temperature=temperature, top_k=k, top_p=p)
        expected = sampling.log_distribution(LOGITS[None].double(), config)[0].exp().tolist()
        call = "([logits, t, k, p]) => explore.distribution(logits, t, k, p)"
        shown = page.evaluate(call, [LOGITS.tolist(), temperature, k, p])
        assert shown == pytest.approx(expected, abs=1e-6)
        bits = -sum(q * math.log2(q) for q in expected if q > 0)
        assert page.evaluate("q => explore.entropy(q)", shown) == pytest.approx(bits, abs=1e-5)


def test_figures_fit_and_answer_to_typing_and_keys(page, tokenizer):
    chips = page.locator(".chips li")
    assert chips.count() == len(tokenizer.encode("banana bandana </script>"))
    text = "né 🐢 banana"
    page.locator("textarea").fill(text)
    assert chips.count() == len(tokenizer.encode(text))
    page.get_by_label("merges applied").press("Home")
    assert chips.count() == len(text.encode())
    page.get_by_role("button", name="next").press("Enter")
    assert chips.count() < len(text.encode())
    page.get_by_role("button", name="back").click()
    assert chips.count() == len(text.encode())
    before = page.locator(".bars").inner_text()
    page.get_by_label("temperature").press("Home")
    assert page.locator(".bars").inner_text() != before
    assert "1 of 60 tokens kept" in page.locator("[role=status]").last.inner_text()
    check_page(page)


def test_a_run_is_dragged_through_by_key_and_by_pointer(window, run_address):
    window.goto(run_address)
    slider, said = window.get_by_label("moment"), window.locator("[role=status]")
    chart, samples = window.locator("svg.curve"), window.locator(".samples")
    assert "524,288 tokens read, 2.10 bits per byte" in said.inner_text()
    assert "sample 4" in samples.inner_text()
    slider.press("Home")
    assert "2,048 tokens read, 4.10 bits per byte" in said.inner_text()
    assert "sample 0" in samples.inner_text()
    assert "6.90 nats" in window.locator(".bars").inner_text()
    before = circle(window)
    box = chart.bounding_box()
    window.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 40)
    window.mouse.down()
    assert "sample 2" in samples.inner_text()
    window.mouse.move(box["x"] + 0.97 * box["width"], box["y"] + 40)
    window.mouse.up()
    assert "sample 4" in samples.inner_text()
    assert slider.input_value() == "4"
    after = circle(window)
    assert after[0] > before[0] and after[1] > before[1]
    window.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 40)
    assert "sample 4" in samples.inner_text()
    check_page(window)


def test_a_token_shows_where_it_looks(window, tmp_path):
    looks = [[1], [0.25, 0.75], [0.9, 0.1, 0]]
    back = [[1], [1, 0], [0, 1, 0]]
    data = {
        "tokens": ["Mr", "</script>", "Quimbolt"],
        "heads": [{"name": "first", "shares": looks}, {"name": "back", "shares": back}],
    }
    figure = course.explore("attention", data, caption="What it shows.", alt="In words.")
    window.goto(written([figure], tmp_path / "page.html"))
    said, chips = window.locator("[role=status]"), window.locator(".shares li")
    assert said.inner_text() == "Quimbolt (3) looks at: Mr (1) 90 %, </script> (2) 10 %."
    chips.nth(1).hover()
    assert said.inner_text() == "</script> (2) looks at: </script> (2) 75 %, Mr (1) 25 %."
    assert "unseen" in chips.nth(2).inner_text() and "25 %" in chips.nth(0).inner_text()
    window.get_by_label("token").press("End")
    window.get_by_label("head").select_option("back")
    assert said.inner_text() == "Quimbolt (3) looks at: </script> (2) 100 %."
    shades = [chip.evaluate("c => getComputedStyle(c).backgroundColor") for chip in chips.all()]
    assert shades[1] not in (shades[0], shades[2]) and shades[0] == shades[2]
    check_page(window)


def circle(page) -> tuple[float, float]:
    """Where the mark of the chosen moment stands."""
    dot = page.locator("svg.curve circle")
    return float(dot.get_attribute("cx")), float(dot.get_attribute("cy"))


def check_page(page):
    """Nothing sticks out, no script failed, and axe finds nothing serious."""
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    assert page.trouble == []
    serious = [v for v in Axe().run(page).response["violations"] if v["impact"] != "moderate"]
    assert serious == []


def test_without_a_script_the_words_stand_there(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator(".explore-alt").all_inner_texts() == ["In words.", "In words."]
    context.close()
