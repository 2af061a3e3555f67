"""docs/promises.md says what the code does: nothing in it can be claimed without a file, a test and the strategy's own number."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from strategy import Strategy, load
from strategy.model.stores import Scenario
from tools.promises.__main__ import PAGE
from tools.promises.chapters import CHAPTERS
from tools.promises.page import render
from tools.promises.statement import Kept, Later, NotKeptYet, kept
from tools.promises.values import PLACEHOLDER, fill

ROOT = Path(__file__).resolve().parents[2]
STATEMENTS = [each for chapter in CHAPTERS for each in chapter.statements]
KEPT = [(each, each.status) for each in STATEMENTS if isinstance(each.status, Kept)]
NAMES = re.compile(r"\bS3\b")
"""Names that have a digit."""


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """The test functions of a file, read and not run."""
    functions = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef))
    return frozenset(each.name for each in functions if each.name.startswith("test_"))


def is_file(path: str) -> bool:
    return (ROOT / path).is_file()


def is_test(node_id: str) -> bool:
    path, _, name = node_id.partition("::")
    return path.startswith("tests/") and is_file(path) and name in names_of_tests(ROOT / path)


def placeholders() -> Iterator[str]:
    return (match[0][1:-1] for each in STATEMENTS for match in PLACEHOLDER.finditer(each.text))


def digits(text: str) -> str:
    """What is left of a sentence's digits without its placeholders and names."""
    return "".join(re.findall(r"\d", NAMES.sub("", PLACEHOLDER.sub("", text))))


def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(load("prod")), "run `python -m tools.promises`"


def test_every_file_and_every_test_exists() -> None:
    missing = [path for _, status in KEPT for path in status.by if not is_file(path)]
    missing += [node_id for _, status in KEPT for node_id in status.proven if not is_test(node_id)]
    assert missing == []


@pytest.mark.parametrize(
    "node_id",
    [
        "tests/unit/test_guards.py::test_nothing_of_that_name",
        "tests/unit/test_guards.py",
        "tests/unit/test_guards.py::errors",
        "tests/unit/test_no_such_file.py::test_refuses",
        "strategy/checks/guards/finding.py::test_refuses",
    ],
)
def test_a_test_that_does_not_exist_proves_nothing(node_id: str) -> None:
    assert not is_test(node_id)


def test_every_statement_is_kept_and_proven_or_not_kept_yet() -> None:
    assert [each.text for each, status in KEPT if not status.by or not status.proven] == []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| statement"):
            _, by, proof = line.strip("| ").split(" | ")
            assert (by == "*not kept yet*" and proof in list(Later)) or ("](../" in by and "::test_" in proof), line


def test_what_is_not_kept_yet_names_no_file_and_no_issue_s_number() -> None:
    waiting = [each for each in STATEMENTS if isinstance(each.status, NotKeptYet)]
    for each in waiting:
        assert not re.search(r"\.(py|toml|md)\b|::|\w/\w", each.text), each.text
    assert not [subject for subject in Later if re.search(r"\d", subject)]


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
    assert sentence.format("day", "02:00", 7) in render(strategy)
    assert sentence.format("Monday and Friday", "05:30", 3) in render(changed)


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


def test_a_test_without_its_file_is_in_the_file_before() -> None:
    status = kept("", by="a.py b.py", proven="tests/a.py::test_one test_two tests/b.py::test_three").status
    assert status == Kept(("a.py", "b.py"), ("tests/a.py::test_one", "tests/a.py::test_two", "tests/b.py::test_three"))
