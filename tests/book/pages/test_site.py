"""The rendered pages: links, hosts, pictures, weight."""

import gzip
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

CONTENTS = Path(__file__).resolve().parents[3] / "_toc.yml"
WEIGHT = 600_000
LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, BeautifulSoup]:
    """Every page of the site, parsed."""
    files = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    return {path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in files}


def content(pages) -> dict[Path, BeautifulSoup]:
    """The pages that a person wrote."""
    return {path: page for path, page in pages.items() if page.select_one("article h1")}


def test_the_pages_are_those_of_the_contents(site, pages):
    contents = yaml.safe_load(CONTENTS.read_text(encoding="utf-8"))
    listed = [each["file"] for part in contents["parts"] for each in part["chapters"]]
    names = {path.relative_to(site).with_suffix("").as_posix() for path in content(pages)}
    written = {name for name in names if name.startswith(("book/", "chapters/"))}
    assert written == {contents["root"], *listed}
    sources = (CONTENTS.parent / "chapters").glob("[0-9]*.md")
    assert {f"chapters/{path.stem}" for path in sources} <= written


def test_the_first_page_shows_a_conversation(site, pages):
    said = pages[site / "book" / "intro.html"].select(".transcript .said-by-assistant")
    assert said and all(turn.get_text(strip=True) for turn in said)


def test_internal_links_lead_somewhere(pages):
    anchors = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for tag in page.find_all("a", href=True):
            if not urlsplit(tag["href"]).scheme:
                address, anchor = urldefrag(unquote(tag["href"]))
                target = (path.parent / address).resolve() if address else path
                known = anchors.get(target)
                if not target.exists() or (anchor and known is not None and anchor not in known):
                    broken.append(f"{path.name}: {tag['href']}")
    # The theme's icons that open a window stand as links to "#".
    assert [link for link in broken if not link.endswith(": #")] == []


def test_nothing_is_loaded_from_another_host(pages):
    loaded = [
        f"{path.name}: {tag[attribute]}"
        for path, page in pages.items()
        for name, attribute in LOADS.items()
        for tag in page.find_all(name, **{attribute: True})
        if urlsplit(tag[attribute]).netloc and tag.get("rel") != ["canonical"]
    ]
    assert loaded == []


def test_what_pages_load_is_there(pages):
    missing = []
    for path, page in pages.items():
        for name, attribute in LOADS.items():
            for tag in page.find_all(name, **{attribute: True}):
                address = urlsplit(tag[attribute])
                if not address.scheme and not (path.parent / unquote(address.path)).exists():
                    missing.append(f"{path.name}: {tag[attribute]}")
    assert missing == []


def test_every_picture_says_what_it_shows(pages):
    for path, page in content(pages).items():
        for picture in page.select("article img"):
            assert picture.get("alt", "").strip() not in ("", picture.get("src")), path.name
            assert not picture["alt"].startswith("../_images"), path.name
        for figure in page.select("article figure"):
            caption = figure.find("figcaption")
            assert caption and caption.get_text(strip=True), path.name
        for drawing in page.select("figure.course svg"):
            assert drawing.get("aria-label", "").strip(), path.name


def test_names_are_given_once_a_page(pages):
    for path, page in content(pages).items():
        counts = Counter(tag["id"] for tag in page.select("article [id]"))
        assert [name for name, count in counts.items() if count > 1] == [], path.name


def test_every_chapter_can_be_downloaded_with_its_outputs(site, pages):
    for name in (site / "chapters").glob("*.html"):
        links = [tag["href"] for tag in pages[name].select('a[href$=".ipynb"]')]
        assert len(links) == 1, name.name
        notebook = nbformat.read(name.parent / links[0], as_version=4)
        nbformat.validate(notebook)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert sum(bool(cell.outputs) for cell in cells) > len(cells) / 4, name.name


def test_each_term_of_the_glossary_is_linked_where_it_is_first_used(site, pages):
    entries = pages[site / "book" / "glossary.html"].select("article dt")
    terms = [term for entry in entries for term in entry.find(string=True).strip().split(", ")]
    assert len(terms) > 30
    for name in (site / "chapters").glob("*.html"):
        met = {term.lower(): uses(pages[name], term) for term in terms}
        late = [term for term, found in met.items() if found and not found[0]]
        assert late == [], name.name
        assert met["token"], name.name


def uses(page, term: str) -> list[bool]:
    """For each use of a term in a page's prose, whether it is a link to the glossary."""
    before = "(?<!special )" if term == "token" else ""
    word = re.compile(rf"(?<![\w-]){before}{re.escape(term)}s?(?![\w-])", re.IGNORECASE)
    found = page.select_one("article").find_all(string=word)
    return [
        "term" in (text.parent.get("class") or ())
        for text in found
        if text.find_parent("p") and not text.find_parent("code")
        if not text.find_parent(class_=["cell_output", "citation"])
        if "term" in (text.parent.get("class") or ()) or not text.find_parent("a")
    ]


def test_no_path_of_the_building_machine_is_shown(site, pages):
    root = str(site.parents[3])
    for path, page in content(pages).items():
        assert root not in page.select_one("article").get_text(), path.name


def test_every_page_has_a_language_a_title_and_an_icon(pages):
    for page in content(pages).values():
        assert page.html["lang"] == "en"
        assert page.title.get_text(strip=True)
        assert page.select_one('link[rel="icon"]')


def test_a_page_is_light_enough(pages):
    for path, page in content(pages).items():
        own = len(gzip.compress(path.read_bytes()))
        pictures = sum(
            (path.parent / unquote(tag["src"])).stat().st_size for tag in page.select("article img")
        )
        assert own + pictures < WEIGHT / 3, f"{path.name}: {own + pictures} bytes of its own"
