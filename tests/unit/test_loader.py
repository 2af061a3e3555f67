"""The loader: what is wrong is said in one line, with file, key, value found, what is allowed or what to do."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from strategy import Strategy, StrategyError, load
from strategy.model.loader import ENVIRONMENTS
from strategy.model.validation_errors import explain


def refusal(directory: Path, old: str, new: str, **regions: Any) -> str:
    """The message for dev.toml with one text replaced."""
    text = (ENVIRONMENTS / "dev.toml").read_text(encoding="utf-8")
    assert old in text
    (directory / "dev.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StrategyError) as caught:
        load("dev", directory=directory, **regions)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_environment_loads_and_swaps(environment: str) -> None:
    strategy = load(environment)
    assert strategy.environment == environment
    assert strategy.prefix == f"banking-buddy-{environment}"
    swapped = load(environment, primary=strategy.regions.recovery, recovery=strategy.regions.primary)
    assert (swapped.regions.primary, swapped.regions.recovery) == (strategy.regions.recovery, strategy.regions.primary)


@pytest.mark.proves("documents.strategy-files", "recovery-region.separation")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('keep = "3d"', 'keep = "3x"', "rules[12-hour-backup-rule].keep: found '3x'; a duration is a whole number and a unit"),
        ('keep = "3d"', 'keep = "36h"', "rules[12-hour-backup-rule].keep: found '36h'; a retention is a whole number of days"),
        ('keep = "3d"', 'keeep = "3d"', "rules[12-hour-backup-rule].keeep: unknown key; did you mean 'keep'? (and 1 more)"),
        ('copy_keep = "3d"\n', "", "rules[12-hour-backup-rule].copy_keep: missing; add it (How long the copy"),
        (
            "0 2,14 *",
            "0 2,24 *",
            "rules[12-hour-backup-rule].schedule: found 'cron(0 2,24 * * ? *)'; hours '2,24' is not allowed",
        ),
        ('"ap-southeast-2"', '"ap-southeast-1"', "regions: primary and recovery are both 'ap-southeast-1'; a copy must leave"),
        ('recovery = "ap-southeast-2"', 'recovery = "Sydney"', "regions.recovery: found 'Sydney'; allowed: text matching"),
        ("failback = true", 'failback = "yes"', "regions.failback: found 'yes'; allowed: true or false"),
        ('kind = "mysql"', 'kind = "oracle"', "stores[mysql]: kind: found 'oracle'; allowed: 'mysql' or 'dynamodb'"),
        ('kind = "mysql"\n', "", "stores[mysql]: kind: found none; allowed: 'mysql' or 'dynamodb'"),
        ('name = "mysql"\n', "", "stores[1].name: missing; add it"),
        ('size = "5GB"', 'size = "5 gigs"', "stores[mysql].size: found '5 gigs'; a size is a number and a unit"),
        ('size = "5GB"', 'sise = "5GB"', "stores[mysql].sise: unknown key; did you mean 'size'?"),
        ('databases = ["crm_users", "crm_clients", "crm_transactions"]', 'databases = "crm"', "found 'crm'; allowed: a list"),
        ("allocated_storage_gb = 20", "allocated_storage_gb = 10", "allowed: greater than or equal to 20"),
        ("allocated_storage_gb = 20", 'allocated_storage_gb = "20"', "allocated_storage_gb: found '20'; allowed: a whole number"),
        ('source = "managed"', 'source = "existing"', "stores[mysql]: source 'existing' needs an arn"),
        ('source = "managed"', 'source = "existing"\narn = "arn:aws:s3:::x"', "stores[mysql]: arn is 'arn:aws:s3:::x'; allowed:"),
        ('source = "managed"', 'source = "none"', "stores[mysql].source: found 'none'; allowed: 'managed' or 'existing'"),
        ('name = "daily-backup-rule"', 'name = "12-hour-backup-rule"', "rules: the name '12-hour-backup-rule' is used twice"),
        ('account = "123456789012"', "account = 123456789012", "account: found 123456789012; allowed: text in quotes"),
        ('environment = "dev"', 'environment = "prod"', "environment: found 'prod'; allowed: 'dev', the file's own name"),
        ('cidr = "10.10.0.0/16"', 'cidr = "10.0.0.0/8"', "networks.ap-southeast-1.cidr: found '10.0.0.0/8'; a VPC's range is"),
        (
            'cidr = "10.10.0.0/16"',
            'cidr = "10.10.0.1/16"',
            "networks.ap-southeast-1.cidr: found '10.10.0.1/16'; allowed: a range such as",
        ),
        ("[networks.ap-southeast-1]", "[networks.Singapore]", "networks.Singapore: found 'Singapore'; allowed: text matching"),
        ('store = "mysql"', 'store = "mysqll"', "accepted_breaches: found store 'mysqll'; allowed: mysql, audit-logs"),
        ('rpo = "5m", rto', 'rpo = "5", rto', "stores[mysql].objectives.point_in_time.rpo: found '5'; a duration is"),
        ('rpo = "5m", rto', 'rpoo = "5m", rto', "stores[mysql].objectives.point_in_time.rpoo: unknown key; did you mean 'rpo'?"),
        ("[tags]", "bogus = 1\n[tags]", "bogus: unknown key; allowed: environment, account, prefix"),
        ("until = 2027-06-30", 'until = "soon"', "accepted_breaches[1].until: found 'soon'; allowed: a date without quotes"),
        ('scenario = "recovery_point"', 'scenario = "flood"', "allowed: 'point_in_time', 'recovery_point' or 'region_loss'"),
        ('backup_window = "17:00-17:30"', 'backup_window = "5pm"', "found '5pm'; a daily window is 'hh:mm-hh:mm' in UTC"),
        ('mode = "off"', 'mode = "governance"', "vault.lock: min_keep and max_keep are both given with mode 'governance'"),
        ('up_to = "200GB"', 'up_to = "20GB"', "durations.mysql: restore: the bands' up_to must ascend"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    found = refusal(tmp_path, old, new)
    assert found.startswith("dev.toml: ")
    assert message in found


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document."""
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*at, step)
        yield from places(inner, (*at, step))


PROD = tomllib.loads((ENVIRONMENTS / "prod.toml").read_text(encoding="utf-8"))
JUNK: tuple[Any, ...] = ("", "x", "x\ny" * 100, -1, 1, 1.5, True, [], [1], {}, {"a": 1}, date(2027, 1, 1), None)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(places(PROD))), st.sampled_from(JUNK))
def test_junk_anywhere_is_taken_or_named_in_one_line(place: tuple[str | int, ...], junk: Any) -> None:
    document: Any = copy.deepcopy(PROD)
    parent = document
    for step in place[:-1]:
        parent = parent[step]
    if junk is None:
        del parent[place[-1]]
    else:
        parent[place[-1]] = junk
    try:
        Strategy.model_validate(document)
    except ValidationError as error:
        message = explain(error, document, {})
        assert message.splitlines() == [message]
        assert message.startswith(str(place[0]))
        assert len(message) < 500


def test_regions_given_by_the_caller_are_named_as_such(tmp_path: Path) -> None:
    message = refusal(tmp_path, "[tags]", "[tags]", primary="ap-southeast-2")
    assert "regions (with primary=ap-southeast-2 given by the caller): primary and recovery are both" in message


def test_broken_toml_has_its_line_and_column(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[regions]", "[regions").startswith("dev.toml: line 14, column 9: not TOML: ")


def test_an_unfinished_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "dev.toml").write_text("a = [1,", encoding="utf-8")
    with pytest.raises(StrategyError, match=r"^dev.toml: end of the file: not TOML"):
        load("dev", directory=tmp_path)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "dev.toml").write_bytes(b'a = "\xff"')
    with pytest.raises(StrategyError, match=r"^dev.toml: byte 5: not UTF-8"):
        load("dev", directory=tmp_path)


@pytest.mark.proves("documents.strategy-files")
@pytest.mark.parametrize("environment", ["production", "", "../environments/dev", "dev.toml"])
def test_an_unknown_environment_lists_the_known_ones(environment: str) -> None:
    with pytest.raises(StrategyError) as caught:
        load(environment)
    assert str(caught.value) == f"unknown environment {environment!r}: choose one of dev, prod, staging"
