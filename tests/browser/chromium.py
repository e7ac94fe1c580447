"""Finds a Chromium for the browser tests; run as a script it says what to do when there is none."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Offline machines: no start-up look-ups, no updates, nothing but the page.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 90_000  # ms for what is done on a page; a limit, never a verdict
ADVICE = (
    "No Chromium was found for the browser tests. Install one:\n"
    "  as root on Debian or Ubuntu:  apt-get install --no-install-recommends chromium fonts-noto-color-emoji\n"
    "  anywhere else:                .venv/bin/playwright install chromium\n"
    "or name one in CHROMIUM=/path/to/chromium."
)


def find() -> str | None:
    """The path of a Chromium: named by CHROMIUM, on PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if Path(named).is_file() else None
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


if __name__ == "__main__":
    if find() is None:
        sys.exit(ADVICE)
