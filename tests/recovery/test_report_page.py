"""The report in a real browser: quiet, alone, readable by keyboard, screen reader, in the dark and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from recovery.evidence.chain_check import Verdict
from recovery.report import page as html
from tests.browser import chromium, opened, violations
from tests.recovery.reported import HERE, audit, records

pytestmark = pytest.mark.xdist_group("browser")

KINDS = ("full", "empty")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """With a quarter's records, and with none."""
    made = {
        "full": audit(*records()),
        "empty": audit(jobs=(), alarms=(), chains={HERE: Verdict((), 0, 0, ())}, missing=("evidence: gone",)),
    }
    folder = tmp_path_factory.mktemp("report")
    for name, each in made.items():
        (folder / f"{name}.html").write_text(html.render(each), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.proves("compliance.audit-report")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_quiet_alone_and_clean(browser: Browser, pages: dict[str, Path], kind: str, scheme: str) -> None:
    with opened(browser, pages[kind], color_scheme=scheme, viewport=WIDE) as (page, wrong):
        assert violations(page) == []
        assert wrong == []


def test_the_checks_can_fail(browser: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<html><body><p style='color:#ccc;background:#fff'>pale</p><img src='https://example.invalid/x.png'>"
        "<script>console.log('heard')</script></body></html>"
    )
    with opened(browser, bad) as (page, wrong):
        found = " ".join(violations(page))
        assert "image-alt" in found
        assert "color-contrast" in found
        assert any("heard" in each for each in wrong)
        assert any("example.invalid" in each for each in wrong)


def background(page: Page) -> str:
    return str(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))


def lightness(colour: str) -> float:
    return sum(float(each) for each in colour.removeprefix("rgb(").removesuffix(")").split(",")) / 3


def test_dark_is_dark_and_paper_is_white(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["full"], color_scheme="dark") as (page, _):
        assert lightness(background(page)) < 60
        page.emulate_media(media="print", color_scheme="dark")
        assert lightness(background(page)) == 255, "ink is for words"
        assert not page.locator("nav").is_visible()
        for name in ("Promises, and what was measured", "Control map", "Every record of the quarter"):
            assert page.get_by_role("heading", name=name).is_visible(), "nothing is folded away on paper"
    with opened(browser, pages["full"], color_scheme="light") as (page, _):
        assert lightness(background(page)) > 200


def test_on_paper_nothing_is_cut_off(browser: Browser, pages: dict[str, Path]) -> None:
    """A4 less its margins is 680 pixels wide."""
    with opened(browser, pages["full"], viewport={"width": 680, "height": 960}) as (page, _):
        page.emulate_media(media="print")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 680
        assert len(page.pdf(format="A4", prefer_css_page_size=True)) > 20_000


def test_on_a_telephone_the_page_itself_does_not_scroll_sideways(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["full"], viewport=NARROW) as (page, _):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]
        assert violations(page) == []


def focused(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        "() => { const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);"
        " return {tag: at.tagName, href: at.getAttribute('href'), label: at.getAttribute('aria-label'),"
        " top: box.top + scrollY, outline: style.outlineStyle}; }"
    )
    return found


def test_the_keyboard_goes_through_it_from_top_to_bottom(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["full"], viewport=WIDE) as (page, _):
        page.keyboard.press("Tab")
        assert focused(page)["href"] == "#promises", "first the way past the navigation"
        stops: list[dict[str, Any]] = []
        while True:
            page.keyboard.press("Tab")
            stop = focused(page)
            if stop["tag"] == "BODY" or len(stops) > 80:
                break
            stops.append(stop)
        links = [each["href"] for each in stops if each["tag"] == "A"]
        assert len(links) == 14
        assert all(page.locator(link).count() == 1 for link in links), "every link leads to a section"
        tables = [each for each in stops if each["tag"] == "DIV"]
        assert all(each["label"] for each in tables), "a screen reader says what it scrolls"
        assert [each["top"] for each in tables] == sorted(each["top"] for each in tables)
        assert all(each["outline"] == "solid" for each in stops), "one sees where one is"


@pytest.mark.parametrize("kind", KINDS)
def test_a_screen_reader_finds_its_way(browser: Browser, pages: dict[str, Path], kind: str) -> None:
    with opened(browser, pages[kind]) as (page, _):
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.get_by_role("main").count() == 1
        levels = page.evaluate("() => [...document.querySelectorAll('h1,h2,h3')].map(each => Number(each.tagName[1]))")
        assert all(after - before <= 1 for before, after in pairwise(levels)), "no level is left out"
        assert all(each for each in page.evaluate("() => [...document.querySelectorAll('svg[role=img]')].map(e => e.ariaLabel)"))


def test_without_records_it_is_loud(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["empty"]) as (page, _):
        banner = page.locator(".banner")
        assert "Nothing is proved" in banner.inner_text()
        red = page.evaluate("() => getComputedStyle(document.querySelector('.banner')).borderColor")
        assert red == "rgb(164, 22, 26)"
        assert page.locator(".good").count() == 0
