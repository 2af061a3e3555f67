"""A real Chromium without a window: the one that is installed, never one that is downloaded. It is let onto no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"


class ChromiumMissing(Exception):
    """`tools/ensure-chromium.sh` says how it is installed."""


def program() -> str:
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return found
    for path in APPLICATIONS:
        if os.access(path, os.X_OK):
            return path
    raise ChromiumMissing("no Chromium: sh tools/ensure-chromium.sh")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A root in a container has no sandbox to offer; what is opened is our own page, without a script and without a network.
        running = playwright.chromium.launch(executable_path=program(), chromium_sandbox=os.geteuid() != 0)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def opened(browser: Browser, html: Path, **context: Any) -> Iterator[tuple[Page, list[str]]]:
    """The page, and what it did that it may not: said something on the console, failed, or asked for anything but itself."""
    wrong: list[str] = []
    made = browser.new_context(**context)
    try:
        page = made.new_page()
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", lambda asked: None if asked.url in {html.as_uri(), "data:,"} else wrong.append(f"asked: {asked.url}"))
        page.goto(html.as_uri(), wait_until="load")
        yield page, wrong
    finally:
        made.close()


def violations(page: Page) -> list[str]:
    """What axe-core finds, all of its rules: id, how bad, and the first place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']} ({each['impact']}): {each['nodes'][0]['html'][:120]}" for each in found["violations"]]
