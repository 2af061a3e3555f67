"""docs/promises.md says what the code does: nothing in it can be claimed without a file, a test and the strategy's own number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from strategy import Strategy, load
from strategy.model.stores import Scenario
from tools.promises.__main__ import PAGE
from tools.promises.page import render
from tools.promises.proofs import ROOT, markers, mistakes, proofs, read
from tools.promises.statements import chapters
from tools.promises.values import PLACEHOLDER, fill

CHAPTERS = chapters()
MARKERS = markers()
STATEMENTS = [each for chapter in CHAPTERS for each in chapter.statements]
NAMES = re.compile(r"\bS3\b")
"""Names that have a digit."""

ONE = """
[schedule]
title = "Schedule"
[schedule.daily-rule]
text = "Every day"
by = ["app.py"]
[schedule.hourly-rule]
text = "Every hour"
later = "Backups by the hour"
"""


def page(strategy: Strategy) -> str:
    return render(strategy, CHAPTERS, MARKERS)


def placeholders() -> Iterator[str]:
    return (match[0][1:-1] for each in STATEMENTS for match in PLACEHOLDER.finditer(each.text))


def digits(text: str) -> str:
    """What is left of a sentence's digits without its placeholders and names."""
    return "".join(re.findall(r"\d", NAMES.sub("", PLACEHOLDER.sub("", text))))


@pytest.mark.proves("documents.promises")
def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(load("prod")), "run `python -m tools.promises`"


@pytest.mark.proves("documents.promises")
def test_every_file_exists() -> None:
    assert [path for each in STATEMENTS for path in each.by if not (ROOT / path).is_file()] == []


@pytest.mark.proves("documents.promises")
def test_every_statement_is_kept_and_proven_or_not_kept_yet() -> None:
    unproven = [each.id for each in STATEMENTS if not each.later and not (each.by and proofs(MARKERS, each.id))]
    assert unproven == [], "no test bears the id of what is said to be kept"
    assert [each.id for each in STATEMENTS if each.later and each.by] == []


@pytest.mark.proves("documents.promises")
def test_every_marker_names_a_statement() -> None:
    wrong = mistakes(CHAPTERS, MARKERS)
    assert not wrong, "\n".join(wrong)


MARK = '@pytest.mark.proves("schedule.daily-rule")'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"{MARK}\ndef test_a(): ...", ["test_a"]),
        (f"{MARK}\n@pytest.mark.other\nasync def test_a(): ...", ["test_a"]),
        (f"{MARK}\nclass TestA:\n  def test_b(self): ...", ["TestA"]),
        (f"class TestA:\n  {MARK}\n  def test_b(self): ...", ["TestA::test_b"]),
        (f"pytestmark = {MARK[1:]}\ndef test_a(): ...", [""]),
        (f"pytestmark = [pytest.mark.other, {MARK[1:]}]", [""]),
        (f"from pytest import mark\n@{MARK[8:]}\ndef test_a(): ...", ["test_a"]),
        (f"{MARK}\ndef test_b(): ...\n{MARK}\ndef test_a(): ...", ["test_b", "test_a"]),
        ("def test_a():\n  proves('schedule.daily-rule')", []),
    ],
)
def test_a_marker_is_read_wherever_pytest_applies_it(text: str, names: list[str]) -> None:
    found = read("tests/test_x.py", text)
    assert [each.test for each in found] == names
    assert all(each.ids == ("schedule.daily-rule",) for each in found)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/test_x.py", f"{MARK}\ndef helper(): ..."),
        ("tests/test_x.py", f"def test_a():\n  {MARK[1:]}"),
        ("tests/test_x.py", f"{MARK}\nclass Helper: ..."),
        ("tests/test_x.py", f"class Helper:\n  {MARK}\n  def test_b(self): ..."),
        ("tests/test_x.py", "@pytest.mark.proves\ndef test_a(): ..."),
        ("tests/test_x.py", "@pytest.mark.proves()\ndef test_a(): ..."),
        ("tests/test_x.py", "@pytest.mark.proves(NAME)\ndef test_a(): ..."),
        ("tests/test_x.py", f"other = {MARK[1:]}\n@other\ndef test_a(): ..."),
        ("tests/test_x.py", f"@pytest.mark.parametrize('x', [pytest.param(1, marks={MARK[1:]})])\ndef test_a(x): ..."),
        ("tests/x.py", f"{MARK}\ndef test_a(): ..."),
    ],
)
def test_a_marker_that_marks_no_test_or_names_nothing_is_one_line(path: str, text: str) -> None:
    (line,) = mistakes(chapters(ONE), read(path, text))
    assert re.fullmatch(rf"{path}:\d: `proves` marks a test, .*", line)


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ("schedule.dayly-rule", "statements.toml has no statement 'schedule.dayly-rule'; is it 'schedule.daily-rule'?"),
        ("nothing", "statements.toml has no statement 'nothing'"),
        ("schedule.hourly-rule", "'schedule.hourly-rule' is proven, and statements.toml says that it is not kept yet"),
    ],
)
def test_a_marker_that_names_no_statement_is_one_line(identity: str, said: str) -> None:
    found = read("tests/test_x.py", f"@pytest.mark.proves('schedule.daily-rule', {identity!r})\ndef test_a(): ...")
    assert mistakes(chapters(ONE), found) == [f"tests/test_x.py:1: {said}"]


def test_what_no_test_proves_is_not_kept_yet() -> None:
    empty = render(load("prod"), chapters(ONE), ())
    assert "| Every day<br>`schedule.daily-rule` | *not kept yet* | no test bears this id |" in empty
    assert "| Every hour<br>`schedule.hourly-rule` | *not kept yet* | Backups by the hour |" in empty
    proven = render(load("prod"), chapters(ONE), read("tests/test_x.py", f"{MARK}\ndef test_a(): ..."))
    assert "| [`app.py`](../app.py) | [`tests/test_x.py::test_a`](../tests/test_x.py) |" in proven
    assert "2 statements" in proven
    assert "1 are kept by code and proven by a test; 1 read *not kept yet*" in proven


def test_tests_of_the_project_and_of_its_packages_are_read(tmp_path: Path) -> None:
    for name in ("tests/unit", "packages/one/tests", "packages/one/src"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "test_x.py").write_text(f"{MARK}\ndef test_a(): ...\n", encoding="utf-8")
    assert [each.name for each in markers(tmp_path)] == ["packages/one/tests/test_x.py::test_a", "tests/unit/test_x.py::test_a"]


def test_what_is_not_kept_yet_names_no_file_and_no_issue_s_number() -> None:
    for each in STATEMENTS:
        if each.later:
            assert not re.search(r"\.(py|toml|md)\b|::|\w/\w", each.text), each.text
            assert not re.search(r"\d", each.later), each.later


@pytest.mark.proves("documents.promises")
def test_every_number_is_the_strategys() -> None:
    assert {each.text: found for each in STATEMENTS if (found := digits(each.text))} == {}
    assert digits("kept for 7 days in S3, {rules[*].keep}") == "7"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{stores[mysql].point_in_time}", "7 days"),
        ("{stores[audit-logs].objectives.recovery_point.rpo}", "12 hours"),
        ("{stores[*].objectives.region_loss.rto}", "12 hours"),
        ("{stores[mysql].databases}", "crm_users, crm_clients and crm_transactions"),
        ("{stores[audit-logs].must_live|years}", "7 years"),
        ("{rules[*].keep}", "3 days, 7 days and 30 days"),
        ("{rules[12-hour-backup-rule]|when}", "every day at 02:00 and 14:00 UTC"),
        ("{rules[weekly-backup-rule]|when}", "every Sunday at 03:00 UTC"),
        ("{alerts.late_after}, {alerts.storage_above_percent} %", "1 hour, 80 %"),
        ("{vault.lock.mode}", "governance"),
        ("{buckets.old_versions_keep}", "30 days"),
    ],
)
def test_a_value_is_said_as_the_strategy_has_it(text: str, said: str) -> None:
    assert fill(text, load("prod")) == said


def test_another_strategy_has_other_numbers() -> None:
    strategy = load("prod")
    shorter = strategy.rules[1].model_copy(update={"keep": strategy.rules[0].keep, "schedule": "cron(30 5 ? * MON,FRI *)"})
    changed = strategy.model_copy(update={"rules": (strategy.rules[0], shorter, *strategy.rules[2:])})
    sentence = "`daily-backup-rule` backs up every store every {} at {} UTC and keeps it for {} days"
    assert sentence.format("day", "02:00", 7) in page(strategy)
    assert sentence.format("Monday and Friday", "05:30", 3) in page(changed)


@pytest.mark.parametrize("text", ["{stores[redis].size}", "{stores[mysql].nothing}", "{rules[*]|backwards}", "{stores[mysql}"])
def test_a_key_the_strategy_does_not_have_is_an_error(text: str) -> None:
    with pytest.raises((LookupError, AttributeError)):
        fill(text, load("prod"))


def said_about(strategy: Strategy) -> Iterator[str]:
    """Every key of the strategy that is a promise of its own."""
    for rule in strategy.rules:
        yield from (f"rules[{rule.name}]|when", f"rules[{rule.name}].keep")
    for store in strategy.stores:
        yield f"stores[{store.name}].point_in_time"
        yield from (f"stores[{store.name}].objectives.{scenario}.{each}" for scenario in Scenario for each in ("rpo", "rto"))
    for exclusion in strategy.exclusions:
        own = {"rpo": exclusion.rpo, "rto": exclusion.rto}
        yield from (f"exclusions[{exclusion.name}].{key}" for key, value in own.items() if value is not None)
    yield from ("rules[*].copy_keep", "rules[*].start_window", "services[*].name", "buckets.old_versions_keep")
    yield from (f"alerts.{key}" for key in type(strategy.alerts).model_fields)
    yield from (f"vault.lock.{key}" for key in ("mode", "min_keep", "max_keep"))
    yield from (f"restore_testing.{key}" for key in ("schedule", "selection_window", "validation_window"))
    yield from (f"drills.{key}" for key in ("schedule", "integrity"))
    # The kinds' and the workflow's own durations are the model's, not steps of the written strategy.
    not_written = {"mysql", "dynamodb", "workflow"}
    steps = (name for name in type(strategy.durations).model_fields if name not in not_written)
    yield from (f"durations.{step}.takes" for step in steps)


def test_every_rule_store_exclusion_and_duty_has_its_statement() -> None:
    strategy = load("prod")
    assert sorted(set(said_about(strategy)) - set(placeholders())) == []
    for word in (
        *(each.name for each in strategy.exclusions),
        "Weekly",
        "Monthly",
        "Quarterly",
        "Annually",
        "Runbook",
        "CloudTrail",
    ):
        assert any(word.split("-")[0].rstrip("s").lower() in each.text.lower() for each in STATEMENTS), word


def test_nothing_is_said_twice() -> None:
    assert [text for text, times in Counter(each.text for each in STATEMENTS).items() if times > 1] == []
