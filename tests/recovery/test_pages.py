"""What all pages are made with: the environment, the Gantt; and those pages in a real browser that no other test opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from playwright.sync_api import Browser

from recovery.cli import cost_html, rto_picture
from recovery.cli.cost_report import CostReport
from recovery.cli.rto_report import RtoReport
from recovery.pages import environment
from recovery.pages.gantt import Kind, Span, gantt
from rehearsal.report import render
from rehearsal.result import Event, Outcome, Result
from strategy import load
from strategy.cost import Prices
from tests.browser import chromium, opened, violations

HOUR = timedelta(hours=1)
DAY = date(2026, 11, 26)
NIGHT = {
    "backup": "2026-11-20T16:00:00+00:00",
    "<here> lost": "2026-11-20T20:00:00+00:00",
    "verified there": "2026-11-20T22:00:00+00:00",
}
TASKS = [
    Event("Restore <mysql>", "2026-11-20T20:30:00+00:00", "2026-11-20T21:30:00+00:00"),
    Event("Assess", "2026-11-20T20:00:00+00:00", "2026-11-20T20:30:00+00:00"),
]


@pytest.mark.parametrize(("suffix", "made"), [("html", "&lt;b&gt;"), ("md", "<b>"), ("toml", "<b>"), ("txt", "&lt;b&gt;")])
def test_everything_is_escaped_but_for_the_texts_that_are_read_as_text(tmp_path: Path, suffix: str, made: str) -> None:
    template = tmp_path / f"a.{suffix}.j2"
    template.write_text("{{ name }}\n")
    assert environment.render(template, name="<b>") == f"{made}\n"


def test_a_name_without_a_value_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "a.md.j2"
    template.write_text("{{ nothing }}")
    with pytest.raises(UndefinedError, match="nothing"):
        environment.render(template)


def test_a_gantt_is_to_scale_and_ends_with_what_ends_last() -> None:
    drawn = gantt([Span("a", HOUR * 0, HOUR, "1h"), Span("b", HOUR, HOUR * 2, "1h", latest=HOUR * 4)], "words", limit=HOUR * 3)
    assert [(each.x, each.width, each.perhaps) for each in drawn.bars] == [(0, 25, 0), (25, 25, 50)]
    assert drawn.limit == 75
    assert [(each.label, each.x) for each in drawn.ticks] == [("0", 0), ("1h", 25), ("2h", 50), ("3h", 75), ("4h", 100)]
    assert [each.anchor for each in drawn.ticks] == ["start", "middle", "middle", "middle", "end"]


def test_the_shortest_step_is_seen_and_stays_in_the_picture() -> None:
    (_, last) = gantt([Span("a", HOUR * 0, HOUR * 24, ""), Span("b", HOUR * 24, HOUR * 24, "")], "").bars
    assert last.width > 0
    assert last.x + last.width == 100


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, strategy, prices = tmp_path_factory.mktemp("pages"), load("prod"), Prices.load()
    result = Result(seed=1, fault="<fault>", lost_region="a", recovery_region="b", findings=["<script>"])
    result.add(Outcome("region-loss", "a was lost", "recovered", True, 12345, 1, 1, 1, 60.0, 1.0, moments=NIGHT, timeline=TASKS))
    rto = RtoReport.of(strategy, strategy.standby, DAY, prices)
    (folder / "cost.html").write_text(cost_html.page(CostReport.of(strategy, prices, DAY)), encoding="utf-8")
    (folder / "rto.html").write_text(rto_picture.render(rto), encoding="utf-8")
    render(result, folder / "rehearsal.html")
    return {each.stem: each for each in folder.iterdir()}


def test_a_rehearsals_night_and_workflow_are_gantts(pages: dict[str, Path]) -> None:
    text = pages["rehearsal"].read_text(encoding="utf-8")
    assert 'aria-label="Fri 16:00 backup, Fri 20:00 &lt;here&gt; lost, Fri 22:00 verified there"' in text
    assert "From Fri 16:00 backup on." in text
    assert "4 h of work at risk" in text
    assert "2 h to recover" in text
    assert text.index("Assess") < text.index("Restore &lt;mysql&gt;"), "in the order they began"
    assert "<script>" not in text
    assert "12,345" in text
    assert text.count(f'class="{Kind.LOST}"') == 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["cost", "rto", "rehearsal"])
def test_it_is_quiet_alone_clean_and_fits(browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str) -> None:
    with opened(browser, pages[name], color_scheme=scheme, viewport={"width": width, "height": 844}) as (page, wrong):
        assert violations(page) == []
        assert wrong == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
