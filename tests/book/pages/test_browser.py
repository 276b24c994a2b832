"""The rendered pages in a real browser: wide and narrow, light and dark."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

WEIGHT = 600_000
ALREADY_COMPRESSED = (".woff", ".woff2", ".png", ".jpg")
SHOWN = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]


def names(site) -> list[str]:
    """The pages that a person wrote."""
    return sorted(
        path.relative_to(site).as_posix()
        for folder in ("book", "chapters")
        for path in (site / folder).glob("*.html")
    )


@pytest.fixture(params=SHOWN, ids=lambda shown: f"{shown[0]}-{shown[1]}")
def window(request, chromium):
    """A window of one width and theme, and what went wrong in it."""
    width, theme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = patient(context.new_page())
    page.trouble = []
    page.on("console", lambda m: page.trouble.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("requestfailed", lambda request: page.trouble.extend(lost(request)))
    yield page
    context.close()


def patient(page):
    """A page that waits for a busy machine."""
    page.set_default_timeout(180_000)
    return page


def lost(request) -> list[str]:
    """The address of a request that failed, unless the next page cut it short."""
    return [] if request.failure == "net::ERR_ABORTED" else [request.url]


def visit(page, address: str, name: str):
    """Open a page and wait for its formulas."""
    page.goto(f"{address}/{name}")
    page.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise }")


def test_pages_open_without_error_and_fit(window, address, site):
    for name in names(site):
        visit(window, address, name)
        assert window.trouble == [], name
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert window.evaluate(overflow) <= 0, f"{name} is wider than its window"


def test_formulas_are_rendered(window, address, site):
    for name in names(site):
        visit(window, address, name)
        raw = window.eval_on_selector_all(
            ".math", "all => all.filter(m => !m.querySelector('mjx-container mjx-math')).length"
        )
        assert raw == 0, name
        assert window.locator("mjx-merror").count() == 0, name


def test_every_formula_can_be_seen_from_its_left_end(window, address, site):
    starts = """all => all.filter(box => {
        const formula = box.querySelector('mjx-math');
        return formula.getBoundingClientRect().left < box.getBoundingClientRect().left - 1;
    }).length"""
    for name in names(site):
        visit(window, address, name)
        assert window.eval_on_selector_all("div.math mjx-container", starts) == 0, name


def test_axe_finds_nothing_serious(window, address, site):
    serious = []
    for name in names(site):
        visit(window, address, name)
        for issue in Axe().run(window).response["violations"]:
            if issue["impact"] in ("serious", "critical"):
                targets = [node["target"] for node in issue["nodes"]]
                serious.append(f"{name}: {issue['id']} {targets[:3]}")
    assert serious == []


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


def test_hints_and_solutions_open_and_the_theme_switches(window, address, site):
    for name in names(site):
        visit(window, address, name)
        for hint in window.locator("details.sd-dropdown").all():
            hint.locator("summary").first.click()
            assert hint.get_attribute("open") is not None
        before = window.evaluate("document.documentElement.dataset.mode")
        window.locator("button.theme-switch-button:visible").first.click()
        assert window.evaluate("document.documentElement.dataset.mode") != before


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
