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
from strategy.model import toml_text
from strategy.model.document import Document
from strategy.model.loader import ENVIRONMENTS, document, environments, files
from strategy.model.resolved import as_toml
from strategy.model.validation_errors import explain


def copied(directory: Path, changes: dict[str, tuple[str, str]]) -> Path:
    """dev.toml and its base, one text in each of the named files replaced."""
    for name in ("base.toml", "dev.toml"):
        text = (ENVIRONMENTS / name).read_text(encoding="utf-8")
        old, new = changes.get(name, ("", ""))
        assert old in text
        (directory / name).write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return directory


def said(directory: Path, **regions: Any) -> str:
    """Why dev is refused, in one line."""
    with pytest.raises(StrategyError) as caught:
        load("dev", directory=directory, **regions)
    message = str(caught.value)
    assert "\n" not in message
    return message


def refusal(directory: Path, old: str, new: str, **regions: Any) -> str:
    """The message for dev with one text replaced, in the file where it stands."""
    return said(copied(directory, {where(old): (old, new)}), **regions)


def where(text: str) -> str:
    return next(name for name in ("dev.toml", "base.toml") if text in (ENVIRONMENTS / name).read_text(encoding="utf-8"))


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
        ('name = "mysql"\n', "", "stores[1].name: missing; add it"),
        ('size = "5GB"', 'size = "5 gigs"', "stores[mysql].size: found '5 gigs'; a size is a number and a unit"),
        ('size = "5GB"', 'sise = "5GB"', "stores[mysql].sise: unknown key; did you mean 'size'?"),
        ('databases = ["crm_users", "crm_clients", "crm_transactions"]', 'databases = "crm"', "found 'crm'; allowed: a list"),
        ("allocated_storage_gb = 20", "allocated_storage_gb = 10", "allowed: greater than or equal to 20"),
        ("allocated_storage_gb = 20", 'allocated_storage_gb = "20"', "allocated_storage_gb: found '20'; allowed: a whole number"),
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
        ('up_to = "200GB"', 'up_to = "20GB"', "durations.mysql: restore: the bands' up_to must ascend"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    found = refusal(tmp_path, old, new)
    file = "dev.toml or base.toml" if "missing; add it" in message and not message.startswith("stores[1]") else where(old)
    assert found.startswith(f"{file}: ")
    assert message in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "mysql"\n', "", "stores[mysql]: kind: found none; allowed: 'mysql' or 'dynamodb'"),
        ('source = "managed"', 'source = "existing"', "stores[mysql]: source 'existing' needs an arn"),
        ('source = "managed"', 'source = "existing"\narn = "arn:aws:s3:::x"', "stores[mysql]: arn is 'arn:aws:s3:::x'; allowed:"),
        ('mode = "off"', 'mode = "governance"', "vault.lock: min_keep and max_keep are both given with mode 'governance'"),
    ],
)
def test_a_table_of_both_files_is_said_to_be_of_both(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert refusal(tmp_path, old, new).startswith(f"dev.toml and base.toml: {message}")


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document."""
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*at, step)
        yield from places(inner, (*at, step))


PROD = document("prod").values
JUNK: tuple[Any, ...] = ("", "x", "x\ny" * 100, -1, 1, 1.5, True, [], [1], {}, {"a": 1}, date(2027, 1, 1), None)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(places(PROD))), st.sampled_from(JUNK))
def test_junk_anywhere_is_taken_or_named_in_one_line(place: tuple[str | int, ...], junk: Any) -> None:
    values: Any = copy.deepcopy(PROD)
    parent = values
    for step in place[:-1]:
        parent = parent[step]
    if junk is None:
        del parent[place[-1]]
    else:
        parent[place[-1]] = junk
    try:
        Strategy.model_validate(values)
    except ValidationError as error:
        message = explain(error, Document.of("prod.toml", values, None, {}))
        assert message.splitlines() == [message]
        assert message.startswith(f"prod.toml: {place[0]}")
        assert len(message) < 500


def test_regions_given_by_the_caller_are_named_as_such(tmp_path: Path) -> None:
    message = refusal(tmp_path, "[tags]", "[tags]", primary="ap-southeast-2")
    assert "regions (with primary=ap-southeast-2 given by the caller): primary and recovery are both" in message


def test_broken_toml_has_its_line_and_column(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[regions]", "[regions").startswith("dev.toml: line 19, column 9: not TOML: ")


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


EXTENDS = 'extends = "base.toml"'


@pytest.mark.parametrize(
    ("own", "base", "message"),
    [
        (
            ("", ""),
            ("multi_az = true", "multi_az = 1"),
            "base.toml: stores[mysql].multi_az: found 1; allowed: true or",
        ),
        (("size = ", "multi_az = 2\nsize = "), ("multi_az = true", "multi_az = 1"), "dev.toml: stores[mysql].multi_az: found 2"),
        (("size = ", "sise = "), ("", ""), "dev.toml: stores[mysql].sise: unknown key; did you mean 'size'? (and 1 more)"),
        (('size = "5GB"\n', ""), ("", ""), "dev.toml or base.toml: stores[mysql].size: missing; add it (Data today.)"),
        (("", ""), ('keep = "7d"\n', ""), "dev.toml or base.toml: rules[daily-backup-rule].keep: missing; add it"),
        (('name = "user"', 'name = "usr"'), ("", ""), "dev.toml: services[usr].uses: missing; add it"),
        (
            ('name = "user", ', ""),
            ("", ""),
            "dev.toml: services[1].name: missing; add it: the entry of base.toml of that name is meant",
        ),
        (('name = "client"', 'name = "user"'), ("", ""), "dev.toml: services: the name 'user' is used twice; each needs its own"),
        (("", ""), ('name = "ai"', 'name = "user"'), "base.toml: services: the name 'user' is used twice; each needs its own"),
        (("", ""), ('name = "redis"', 'name = "buckets"'), "base.toml: exclusions: the name 'buckets' is used twice"),
        (("", ""), ("[buckets]", "[buckets"), "base.toml: line 118, column 9: not TOML: "),
        (("", ""), ("standby", f"{EXTENDS}\nstandby"), "base.toml: extends: found 'base.toml'; a base extends no other"),
        (
            (EXTENDS, 'extends = "prod.toml"'),
            ("", ""),
            "dev.toml: extends: found 'prod.toml'; allowed: 'base.toml', a file beside it",
        ),
        ((EXTENDS, "extends = true"), ("", ""), "dev.toml: extends: found True; allowed: 'base.toml'"),
        ((EXTENDS, 'extend = "base.toml"'), ("", ""), "dev.toml: extend: unknown key; did you mean 'extends'?"),
        (("[audit]", "[vault]"), ("", ""), "dev.toml: line 58, column 7: not TOML: Cannot declare ('vault',) twice"),
    ],
)
def test_the_file_that_a_wrong_value_came_from_is_named(
    tmp_path: Path, own: tuple[str, str], base: tuple[str, str], message: str
) -> None:
    found = said(copied(tmp_path, {"dev.toml": own, "base.toml": base}))
    assert found.startswith(message)
    assert found.count(".toml: ") == 1


def test_a_base_that_is_not_there_is_missed(tmp_path: Path) -> None:
    (copied(tmp_path, {}) / "base.toml").unlink()
    assert said(tmp_path) == "dev.toml: extends: found 'base.toml'; there is no such file beside it"


def test_a_file_that_extends_nothing_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("standby = 1\n[nonsense", encoding="utf-8")
    (tmp_path / "dev.toml").write_text(as_toml(document("dev")), encoding="utf-8")
    assert load("dev", directory=tmp_path) == load("dev")
    assert files(tmp_path / "dev.toml") == (tmp_path / "dev.toml",)


def test_the_base_is_no_environment(tmp_path: Path) -> None:
    assert environments(copied(tmp_path, {})) == ["dev"]
    with pytest.raises(StrategyError, match=r"^unknown environment 'base': choose one of dev$"):
        load("base", directory=tmp_path)
    assert files(tmp_path / "dev.toml") == (tmp_path / "dev.toml", tmp_path / "base.toml")


def laid(own: str, base: str) -> Document:
    return Document.of("dev.toml", tomllib.loads(own), tomllib.loads(base), {})


@pytest.mark.parametrize(
    ("own", "base", "merged"),
    [
        ("a = 1", "a = 2\nb = 3", "a = 1\nb = 3"),
        ("[a]\nx = 1", "[a]\nx = 2\ny = { z = 3 }", "[a]\nx = 1\ny = { z = 3 }"),
        ("[a]\ny = { w = 1 }", "[a]\nx = 2\ny = { z = 3 }", "[a]\nx = 2\ny = { z = 3, w = 1 }"),
        ("a = [1]", "a = [2, 3]", "a = [1]"),
        ("a = []", "[[a]]\nname = 'x'", "a = []"),
        ("a = 1", "[a]\nx = 2", "a = 1"),
        ("[a]\nx = 2", "a = 1", "[a]\nx = 2"),
        ("[[a]]\nx = 1", "[[a]]\nx = 2\n[[a]]\nx = 3", "[[a]]\nx = 1"),
        (
            "[[a]]\nname = 'n'\nx = 1\n[[a]]\nname = 'l'\nx = 2",
            "[[a]]\nname = 'k'\n[[a]]\nname = 'l'\nx = 3\ny = 4",
            "[[a]]\nname = 'k'\n[[a]]\nname = 'l'\nx = 2\ny = 4\n[[a]]\nname = 'n'\nx = 1",
        ),
    ],
)
def test_how_a_file_is_laid_over_its_base(own: str, base: str, merged: str) -> None:
    assert laid(own, base).values == tomllib.loads(merged) | {"regions": {}}


def test_each_value_knows_its_file() -> None:
    found = laid("a = 1\n[b]\nx = 2\n[[c]]\nname = 'n'", "a = 3\n[b]\ny.z = 4\n[[c]]\nname = 'k'")
    known = {place: found.files(place) for place in places(found.values)}
    own, base, both = ("dev.toml",), ("base.toml",), ("dev.toml", "base.toml")
    assert {place: file for place, file in known.items() if file != own} == {
        ("regions",): both,
        ("b",): both,
        ("b", "y"): base,
        ("b", "y", "z"): base,
        ("c",): both,
        ("c", 0): base,
        ("c", 0, "name"): base,
    }


KEYS = st.text(max_size=8)
PLAIN = st.one_of(
    st.text(max_size=20),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.dates(),
    st.times(),
    st.datetimes(),
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_document_is_written_as_it_is_read(values: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text.text(values)) == values
    assert tomllib.loads(toml_text.text(values, lambda location: repr(location[-1:]).replace("\\", ""))) == values


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_an_environment_written_whole_is_the_same_strategy(tmp_path: Path, environment: str) -> None:
    (tmp_path / f"{environment}.toml").write_text(as_toml(document(environment)), encoding="utf-8")
    assert load(environment, directory=tmp_path) == load(environment)


def test_a_value_written_whole_says_where_it_is_from() -> None:
    lines = as_toml(document("prod", primary="ap-southeast-2", recovery="ap-southeast-1")).splitlines()
    for line in (
        "# prod.toml over base.toml, whole. What is not from base.toml says where it is from.",
        'environment = "prod"  # prod.toml',
        'standby = "backup-and-restore"',
        'primary = "ap-southeast-2"  # given by the caller',
        "replicated_backups = true  # prod.toml",
        'mode = "governance"  # prod.toml',
        "irreversible = false",
        "failback = true  # prod.toml",
    ):
        assert line in lines
