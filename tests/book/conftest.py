"""The book as its readers get it: built once for all its tests, in the profile `smoke`."""

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import ADVICE, find_browser
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True, scope="session")
def smoke_profile():
    """Chapters run the pipeline in its smallest profile, and see no start-up files of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NANOCHAT_PROFILE", "smoke")
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
        patch.setenv("IPYTHONDIR", str(ROOT / "_build" / "smoke" / ".ipython"))
        yield


@pytest.fixture(scope="session")
def site(smoke_profile) -> Path:
    """The rendered book, warnings being errors, in a place of its own beside the reader's."""
    out = ROOT / "_build" / "smoke"
    command = [sys.executable, str(ROOT / "scripts" / "build_book.py"), "--out", str(out)]
    built = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert built.returncode == 0, (built.stdout + built.stderr)[-8000:]
    return out / "_build" / "html"


class Quiet(SimpleHTTPRequestHandler):
    """Serves without writing a line for every request."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address(site):
    """The rendered book on a server of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def chromium():
    """A browser, where there is one."""
    program = find_browser()
    if program is None:
        pytest.skip(ADVICE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
