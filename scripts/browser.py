"""Finds a Chromium or Chrome on this machine."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
ADVICE = """No Chromium or Chrome was found: the browser tests DID NOT RUN. To get one:
  Debian           sudo apt install chromium
  macOS            brew install --cask chromium
  any system       python -m playwright install chromium   (in the environment .venv)
or name the one you have in the variable CHROMIUM, and run the tests again."""


def find_browser() -> str | None:
    """The program in $CHROMIUM, else one on the PATH, in the usual places, or Playwright's own."""
    usual = (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *PLACES)
    return next(filter(exists, usual), None) or playwright_own()


def exists(path: str | None) -> bool:
    """Whether there is such a file."""
    return bool(path) and Path(path).exists()


def playwright_own() -> str | None:
    """The browser that `playwright install chromium` left, if it did."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if exists(path) else None


if __name__ == "__main__" and not find_browser():
    print(f"\n{ADVICE}")
