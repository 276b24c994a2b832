"""The book as its readers get it, on a server of this machine."""

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture(scope="session")
def site(smoke_profile, out, testrun_uid) -> Path:
    """The rendered book, warnings being errors, built by the worker that asks for it first."""
    stamp = out / "built_for"
    with FileLock(out / ".lock"):
        if not stamp.exists() or stamp.read_text() != testrun_uid:
            build(out)
            stamp.write_text(testrun_uid)
    return out / "_build" / "html"


def build(out: Path):
    """Render; chapters that the tests before have executed are taken as they are."""
    command = [sys.executable, str(SCRIPTS / "build_book.py"), "--out", str(out)]
    built = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert built.returncode == 0, (built.stdout + built.stderr)[-8000:]


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
