"""What all tests of the book share: the smallest profile, a place for outputs, a browser."""

from pathlib import Path

import pytest
from browser import ADVICE, find_browser
from playwright.sync_api import sync_playwright

OUT = Path(__file__).resolve().parents[2] / "_build" / "smoke"


@pytest.fixture(autouse=True, scope="session")
def smoke_profile():
    """Chapters run the pipeline in its smallest profile, with no start-up files of the user.

    Pages link to no repository, also where a workflow runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NANOCHAT_PROFILE", "smoke")
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
        patch.delenv("GITHUB_REPOSITORY", raising=False)
        patch.setenv("IPYTHONDIR", str(OUT / "_build" / ".ipython"))
        yield


@pytest.fixture(scope="session")
def out() -> Path:
    """Where the book of the tests is built, beside the reader's."""
    return OUT


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
