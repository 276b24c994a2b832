"""The rendered pages in a real browser: wide and narrow, light and dark."""

import gzip
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

WEIGHT = 600_000
ALREADY_COMPRESSED = (".woff", ".woff2", ".png", ".jpg")
EXPLORABLE = {
    "01_tokens": ["tokenizer"],
    "03_attention": ["attention"],
    "07_pretraining": ["curve", "curve"],
    "13_engine": ["sampling"],
}
SHOWN = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]


def names(site) -> list[str]:
    """The pages that a person wrote."""
    return sorted(
        path.relative_to(site).as_posix()
        for folder in ("book", "chapters")
        for path in (site / folder).glob("*.html")
    )


@pytest.fixture(params=SHOWN, ids=lambda shown: f"{shown[0]}-{shown[1]}")
def window(request, chromium, address):
    """A window of one width and theme, and what went wrong in it."""
    width, theme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = patient(context.new_page())
    page.trouble = []
    page.on("console", lambda m: page.trouble.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("requestfailed", lambda request: page.trouble.extend(lost(request)))
    page.on("request", lambda request: page.trouble.extend(foreign(request, address)))
    yield page
    context.close()


def patient(page):
    """A page that waits for a busy machine."""
    page.set_default_timeout(180_000)
    return page


def lost(request) -> list[str]:
    """The address of a request that failed, unless the next page cut it short."""
    return [] if request.failure == "net::ERR_ABORTED" else [request.url]


def foreign(request, address: str) -> list[str]:
    """The address of a request to another host; what is in the page itself has none."""
    asked, own = urlsplit(request.url).netloc, urlsplit(address).netloc
    return [request.url] if asked not in ("", own) else []


def visit(page, address: str, name: str):
    """Open a page and wait for its formulas, and for the fonts that give them their width."""
    page.goto(f"{address}/{name}")
    page.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise }")
    page.evaluate(
        "document.fonts.ready.then(() => new Promise(requestAnimationFrame)).then(() => 0)"
    )


def errors(page) -> list[str]:
    """What the page's scripts and requests complained of."""
    return page.trouble


def width(page) -> list[str]:
    """Whether the page must be moved sideways to be read."""
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return ["wider than its window"] if page.evaluate(overflow) > 0 else []


def code(page) -> list[str]:
    """On a wide window, cells whose lines must be moved sideways to be read."""
    if page.viewport_size["width"] < 1280:
        return []
    scrolled = "all => all.filter(pre => pre.scrollWidth > pre.clientWidth + 1).length"
    cells = page.eval_on_selector_all("section > .cell > .cell_input pre", scrolled)
    return [f"{cells} cells are wider than the page"] if cells else []


def formulas(page) -> list[str]:
    """Formulas that are not drawn, or drawn as an error."""
    raw = "all => all.filter(m => !m.querySelector('mjx-container mjx-math')).length"
    failed = page.eval_on_selector_all(".math", raw) + page.locator("mjx-merror").count()
    return [f"{failed} formulas are not drawn"] if failed else []


def left_ends(page) -> list[str]:
    """Formulas that begin outside of the box in which they scroll."""
    starts = """all => all.filter(box => {
        const formula = box.querySelector('mjx-math');
        return formula.getBoundingClientRect().left < box.getBoundingClientRect().left - 1;
    }).length"""
    cut = page.eval_on_selector_all("div.math mjx-container", starts)
    return [f"{cut} formulas are cut off at the left"] if cut else []


def barriers(page) -> list[str]:
    """What axe finds that keeps somebody out."""
    return [
        f"{issue['id']} {[node['target'] for node in issue['nodes']][:3]}"
        for issue in Axe().run(page).response["violations"]
        if issue["impact"] in ("serious", "critical")
    ]


def unexplorable(page) -> list[str]:
    """Figures to work by hand that show their words instead."""
    left = page.locator(".explore-alt").count()
    return [f"{left} figures have not started"] if left else []


def folds(page) -> list[str]:
    """Hints and solutions that do not open."""
    hints = page.locator("details.sd-dropdown").all()
    for hint in hints:
        hint.locator("summary").first.click()
    return [f"hint {i} stays shut" for i, h in enumerate(hints) if h.get_attribute("open") is None]


def themes(page) -> list[str]:
    """Whether the button changes between light and dark."""
    mode = "document.documentElement.dataset.mode"
    before = page.evaluate(mode)
    page.locator("button.theme-switch-button:visible").first.click()
    return ["the theme does not switch"] if page.evaluate(mode) == before else []


CHECKS = (errors, width, code, formulas, left_ends, unexplorable, folds, themes)


def test_every_page_is_drawn_fits_and_can_be_used(window, address, site):
    found = []
    for name in names(site):
        visit(window, address, name)
        found += [f"{name}: {fault}" for check in CHECKS for fault in check(window)]
        window.trouble.clear()
    assert found == []


# Contrast depends on the theme alone and the rest on the width: each of the four is seen once.
@pytest.mark.parametrize("window", [(1280, "light"), (390, "dark")], indirect=True, ids=str)
def test_nothing_keeps_anybody_out(window, address, site):
    found = []
    for name in names(site):
        visit(window, address, name)
        found += [f"{name}: {barrier}" for barrier in barriers(window)]
    assert found == []


@pytest.mark.parametrize("chapter", EXPLORABLE)
def test_each_figure_to_work_by_hand_answers(window, address, chapter):
    visit(window, address, f"chapters/{chapter}.html")
    assert answering(window) == EXPLORABLE[chapter]


def answering(page) -> list[str]:
    """The kinds of the figures that change when their first dial is put to its beginning."""
    changed = []
    for figure in page.locator("figure.explore").all():
        before = figure.locator(".explorable").inner_text()
        figure.locator("input[type=range]").first.press("Home")
        if figure.locator(".explorable").inner_text() != before:
            changed.append(figure.get_attribute("data-explore"))
    return changed


def test_a_page_loads_less_than_600_kb(chromium, address, site):
    for name in names(site):
        weight = weigh(chromium, address, name)
        assert weight < WEIGHT, f"{name}: {weight} bytes"


def weigh(chromium, address: str, name: str) -> int:
    """The bytes that a first visit to a page takes."""
    answers = []
    page = patient(chromium.new_page())
    page.on("response", lambda answer: answers.append(answer))
    visit(page, address, name)
    page.wait_for_load_state("networkidle")
    weight = sum(map(compressed_size, answers))
    page.close()
    return weight


def test_search_finds_a_word_of_the_book(chromium, address):
    page = patient(chromium.new_page())
    page.goto(f"{address}/search.html?q=python")
    page.wait_for_selector("#search-results li a")
    page.close()


def compressed_size(answer) -> int:
    """The bytes that a server which compresses text would send."""
    if answer.status != 200:
        return 0
    body = answer.body()
    return len(body) if answer.url.endswith(ALREADY_COMPRESSED) else len(gzip.compress(body))
