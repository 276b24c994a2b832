"""A chapter in JupyterLab, as a learner works in it: opened from its source, run, solved, saved."""

import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "chapters" / "01_tokens.md"
CELL = re.compile(r"```\{code-cell\} ipython3\n(?:---\n.*?---\n)?(.*?)\n```", re.DOTALL)
PASSED = "01.1 What a merge saves: passed"
BODY = re.compile(r"^    (?:raise|return) .*$", re.MULTILINE)


@pytest.fixture
def lab(tmp_path):
    """The address of `make lab` in a folder of the learner's, which holds one chapter."""
    (tmp_path / CHAPTER.name).write_bytes(CHAPTER.read_bytes())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    command = [sys.executable, str(ROOT / "scripts" / "lab.py"), *options]
    command.append(f"--ServerApp.root_dir={tmp_path}")
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/api"), 120)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def answers(address: str) -> bool:
    """Whether a server is there."""
    try:
        return urllib.request.urlopen(address, timeout=5).status == 200
    except OSError:
        return False


def wait_for(condition, seconds: float) -> None:
    """Return as soon as the condition holds; fail where it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.5)


def test_a_chapter_is_opened_run_solved_and_saved(lab, chromium, tmp_path):
    source = CHAPTER.read_text(encoding="utf-8")
    stub, solution = (cell for cell in CELL.findall(source) if "def tokens_saved" in cell)
    answer = stub.replace(BODY.search(stub)[0], BODY.search(solution)[0])
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(180_000)
    page.goto(f"{lab}/lab/tree/{CHAPTER.name}")
    page.locator(".jp-MarkdownCell details", has_text="Hint 1").first.wait_for()
    cell = page.locator(".jp-CodeCell .cm-content").filter(has_text='check("01.1", tokens_saved)')
    cell.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(answer)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".verdict").filter(has_text="01.4").last.wait_for()
    assert page.locator(".verdict").filter(has_text="01.1").first.inner_text().startswith(PASSED)
    page.keyboard.press("Control+S")
    saved = tmp_path / CHAPTER.name
    wait_for(lambda: answer in saved.read_text(encoding="utf-8"), 60)
    assert body(saved.read_text(encoding="utf-8")) == body(source).replace(stub, answer)


def body(source: str) -> str:
    """A chapter after its header, in which jupytext notes its version."""
    return source.split("\n---\n", 1)[1]
