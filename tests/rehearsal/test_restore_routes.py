"""Each single-store route, as `make rehearse SCENARIO=…` runs it: damaged, restored with the client, judged; in one world.

What the judge sees is tested in `test_bank.py`, what an observer sees of an old store here too: a scenario that could not fail
would say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rehearsal.bank import Ledger
from rehearsal.bank.tables import TRANSACTIONS
from rehearsal.options import SEVERAL
from rehearsal.scenarios.observations import Look, touched

pytestmark = pytest.mark.xdist_group("all-routes")
ROUTES = [name for name in SEVERAL["all-routes"] if name != "region-loss"]


@pytest.mark.proves(
    "restore.application",
    "restore.audit-table-point-in-time",
    "restore.audit-table-recovery-point",
    "restore.mysql-point-in-time",
    "restore.mysql-recovery-point",
    "restore.old-store",
    "restore.settings",
)
def test_every_route_recovers_verified(rehearsed: tuple[Path, dict[str, Any], str]) -> None:
    _, result, printed = rehearsed
    assert (result["code"], result["findings"]) == (0, []), printed
    assert [each["name"] for each in result["scenarios"]] == list(SEVERAL["all-routes"])
    assert all((each["outcome"], each["verified"]) == ("recovered", True) for each in result["scenarios"])


@pytest.mark.proves(
    "restore.audit-table-point-in-time",
    "restore.audit-table-recovery-point",
    "restore.mysql-point-in-time",
    "restore.mysql-recovery-point",
)
@pytest.mark.parametrize("name", ROUTES)
def test_its_loss_is_exact(name: str, rehearsed: tuple[Path, dict[str, Any], str]) -> None:
    _, result, printed = rehearsed
    each = next((each for each in result["scenarios"] if each["name"] == name), None)
    assert each is not None, printed
    assert each["damaged"] >= 100
    here, lost = (each["rows"], each["lost_rows"]) if name.startswith("mysql") else (each["items"], each["lost_items"])
    assert here >= 2_000
    assert (lost == 0) == name.endswith("repair"), "writers went on after the damage: only a repair loses nothing"
    assert [event["state"] for event in each["timeline"]], "the report has nothing to draw"


def test_what_was_typed_is_kept(rehearsed: tuple[Path, dict[str, Any], str]) -> None:
    output, _, _ = rehearsed
    typed = (output / "client.log").read_text()
    assert all(f"restore {name.removesuffix('-repair')} " in typed for name in ROUTES)
    assert not re.search(r"\b[A-Za-z0-9]{32}\b", typed), "what looks like a generated password"


def test_the_report_tells_each(rehearsed: tuple[Path, dict[str, Any], str]) -> None:
    output, result, printed = rehearsed
    page = (output / "report.html").read_text()
    assert all(each["title"] in page for each in result["scenarios"])
    assert "recovered and verified" in printed


NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ROWS = {number: (number, "CLT-x", "DEPOSIT", 1, NOON, "COMPLETED") for number in (1, 2, 3)}
TABLE = str(TRANSACTIONS)


def seen(rows: Mapping[Any, Any], **settings: Any) -> Look:
    return Look(NOON, {TABLE: dict(rows)}, {"DeletionProtection": True, **settings})


@pytest.mark.proves("restore.old-store")
@pytest.mark.parametrize(
    ("after", "said"),
    [
        (seen(ROWS), []),
        (seen({1: ROWS[1], 2: ROWS[2]}), [f"1 of its {TABLE} are not as they were left"]),
        (seen({**ROWS, 3: ROWS[1]}), [f"1 of its {TABLE} are not as they were left"]),
        (seen({**ROWS, 4: ROWS[1]}), [f"1 of its {TABLE} are not as they were left"]),
        (seen(ROWS, DeletionProtection=False), ["its DeletionProtection was True and is False"]),
    ],
    ids=["untouched", "deleted", "altered", "added", "a setting"],
)
def test_an_old_store_that_was_touched_is_seen(after: Look, said: list[str]) -> None:
    assert touched(seen(ROWS), after, Ledger(), "old") == said


def test_what_the_services_wrote_meanwhile_is_no_touch() -> None:
    ledger, row = Ledger(), (4, *ROWS[1][1:])
    ledger.commit([(TRANSACTIONS, row)], at=NOON + timedelta(seconds=1), store="old")
    assert touched(seen(ROWS), seen({**ROWS, 4: row}), ledger, "old") == []
    assert touched(seen(ROWS), seen(ROWS), ledger, "old") != [], "it was told that it has it"
