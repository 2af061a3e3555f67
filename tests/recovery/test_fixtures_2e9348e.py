"""What 2e9348e wrote is read for ever, and to the same meaning: records, chains, plans, manifests and measurements.

`tests/fixtures/2e9348e/README.md` says what lies there; `meaning.json` is what the readers of 2e9348e took it for.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from recovery.calendar.due_dates import standings
from recovery.drills.proof import proofs
from recovery.evidence import bucket
from recovery.evidence.chain_check import Evidence, Stored, check
from recovery.evidence.chain_link import PUBLIC_KEY, Signed, folder, number_of
from recovery.evidence.records import Record, parse
from recovery.findings.finding import findings
from recovery.report.measurements import measurements
from recovery.report.quarter import Quarter
from recovery.report.routes import ways
from recovery.restore.region_plan import AnyPlan, RegionPlan, any_plan
from recovery.verify import manifest
from recovery.verify.manifest import ManifestError
from recovery.verify.signature import trusted
from recovery.verify.sliced_verification import collect
from strategy import load
from strategy.catalogue import names as naming
from strategy.contracts.drills import ProofsRequest
from strategy.contracts.verify import MeasuredPiece

HERE = Path(__file__).parents[1] / "fixtures" / "2e9348e"
KINDS = {"mysql": "mysql", "audit-logs": "dynamodb"}
NOW = datetime.fromisoformat("2026-11-03T14:00:00+00:00")
ACCOUNT, PREFIX = "123456789012", "banking-buddy-dev"
REGIONS = ("ap-southeast-1", "ap-southeast-2")
BUCKET = naming.evidence_bucket(PREFIX, REGIONS[0], ACCOUNT)
OBJECTS = [
    Stored(each["key"], each["version"], datetime.fromisoformat(each["taken"]), (HERE / "bucket" / each["key"]).read_bytes())
    for each in json.loads((HERE / "objects.json").read_text())
]
BODIES = {each.key: each.body for each in OBJECTS}
PLANS = sorted((HERE / "plans").glob("*.json"))
MANIFESTS = sorted(key for key in BODIES if key.startswith("manifests/") and not key.endswith(".signature.json"))


class Bucket:
    """The evidence bucket as a reader asks for it."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        self.bodies = bodies

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  as boto3 spells it
        assert Bucket == BUCKET
        return {"Body": io.BytesIO(self.bodies[Key])}

    def get_paginator(self, _operation: str) -> Bucket:
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        assert Bucket == BUCKET
        return [{"Contents": [{"Key": key} for key in sorted(self.bodies) if key.startswith(Prefix)]}]


def records() -> list[Record]:
    found = [parse(each.key, each.body, each.taken) for each in OBJECTS if each.key.split("/")[0] in naming.SEALED]
    assert None not in found
    return [each for each in found if each is not None]


def chain(region: str) -> Evidence:
    """As it is read from the bucket, with what it seals: after the loss only the other region's chain went on."""
    links = [each for each in OBJECTS if each.key.startswith(folder(region)) and number_of(each.key) is not None]
    key, read = BODIES[f"{folder(region)}{PUBLIC_KEY}"], [Signed.parse(each.body).link for each in links]
    sealed = {(each.key, each.version) for each in read}
    return Evidence(
        chain=f"{ACCOUNT}/{PREFIX}/{region}",
        links=tuple(sorted(links, key=lambda each: each.key)),
        deleted=(),
        records={(each.key, each.version): each for each in OBJECTS if (each.key, each.version) in sealed},
        public_key=key,
        kms_key=key,
        witness={each.number: each.digest for each in read},
    )


def plan_means(plan: AnyPlan) -> dict[str, Any]:
    said = {
        "id": plan.plan_id,
        "title": plan.title,
        "makes": plan.makes,
        "seconds": plan.expected_seconds,
        "folder": plan.records,
    }
    if isinstance(plan, RegionPlan):
        stores = {each.store: [plan_means(one) for one in each.tries] for each in plan.stores}
        return {**said, "lost": plan.lost_region, "incident": plan.incident.isoformat(), "stores": stores}
    steps = [str(each.step) for each in plan.steps]
    return {**said, "mode": str(plan.mode), "data_of": plan.data_of.isoformat(), "manifest": plan.manifest_key, "steps": steps}


def manifest_means(found: manifest.Manifest) -> dict[str, Any]:
    content = found.content
    until = found.until.isoformat() if found.until else None
    return {
        "taken": found.taken.isoformat(),
        "until": until,
        "rows": content.rows,
        "kind": content.kind,
        "parts": len(content.parts),
    }


def record_means(each: Record) -> dict[str, Any]:
    names = ("kind", "route", "store", "region", "duty", "plan_id")
    return {"at": each.at.isoformat(), "state": str(each.state), "why": each.why} | {name: each.text(name) for name in names}


def meaning() -> Iterator[tuple[str, Any]]:
    """Of all there is, by what reads it."""
    every, strategy = records(), load("dev")
    yield "records", {each.key: record_means(each) for each in every}
    yield "findings", [each.as_json(date(2026, 11, 3)) for each in findings(every)]
    measured = measurements(every, REGIONS[1])
    yield (
        "measurements",
        [[each.store, str(each.scenario), each.objective, each.value.total_seconds(), each.record.key] for each in measured],
    )
    tried = ways(strategy, every, Quarter(2026, 4))
    yield "routes", [[each.route, each.store, each.region, each.state, each.last.key if each.last else None] for each in tried]
    done = standings(every, NOW)
    yield "calendar", {each.duty.name: [each.state, each.last.key if each.last else None] for each in done}
    yield "drills", [each.as_json() for each in proofs(promised(), Bucket(BODIES), now=NOW)]
    yield "plans", {each.name: plan_means(any_plan(json.loads(each.read_text()))) for each in PLANS}
    yield "manifests", {key: manifest_means(believed(key, BODIES)) for key in MANIFESTS}
    yield (
        "links",
        {each.key: [Signed.parse(each.body).link.key, Signed.parse(each.body).link.digest] for each in chain(REGIONS[0]).links},
    )


def promised() -> ProofsRequest:
    routes = [[route, store] for store in KINDS for route in sorted({each.text("route") for each in records()}) if route]
    mine = [each for each in routes if each[0].startswith(KINDS[each[1]])]
    schedule = "cron(0 4 1 1,4,7,10 ? *)"
    asked = {"environment": "dev", "prefix": "banking-buddy-dev", "region": REGIONS[0], "evidence": BUCKET}
    return ProofsRequest.from_json(asked | {"routes": mine, "stores": [], "drills": schedule, "integrity": schedule})


def believed(key: str, bodies: dict[str, bytes]) -> manifest.Manifest:
    store, s3 = key.split("/")[1], Bucket(bodies)
    return trusted(s3, BUCKET, key, store=store, kind=KINDS[store])  # type: ignore[arg-type]  # the one call of S3 that is made


def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "meaning.json").read_text())
    return found


@pytest.mark.parametrize("what", sorted(expected()))
def test_it_is_read_to_the_same_meaning(what: str) -> None:
    assert json.loads(json.dumps(dict(meaning())[what])) == expected()[what]


def test_one_of_each_kind_is_there() -> None:
    assert {each.key.split("/")[0] for each in OBJECTS} >= {
        naming.RESTORES, naming.DRILLS, naming.RESTORE_TESTS, naming.VERIFICATIONS, naming.PREFLIGHTS, naming.DUTIES,
        naming.FINDINGS, naming.MANIFESTS, naming.CHAIN, naming.RECOVERIES,
    }  # fmt: skip
    assert {key.split("/")[1] for key in MANIFESTS} == set(KINDS)


def test_nothing_of_it_was_changed() -> None:
    """These files are what 2e9348e wrote, byte by byte."""
    found = {str(each.relative_to(HERE)): hashlib.sha256(each.read_bytes()).hexdigest() for each in sorted(HERE.rglob("*.*"))}
    listed = dict(line.split("  ")[::-1] for line in (HERE / "SHA256SUMS").read_text().splitlines())
    assert {name: each for name, each in found.items() if name != "README.md"} == listed


@pytest.mark.parametrize("region", REGIONS)
def test_each_link_is_the_key_s_and_seals_what_lies_there(region: str) -> None:
    verdict = check(chain(region), NOW)
    assert (verdict.findings, verdict.not_checked, verdict.whole) == ((), (), True)
    assert verdict.links == verdict.records


@pytest.mark.parametrize("at", range(0, 35, 7))
def test_one_altered_byte_of_a_link_or_a_record_is_found(at: int) -> None:
    whole = chain(REGIONS[0])
    link = whole.links[at]
    altered = replace(link, body=link.body.replace(b'"number": ', b'"number": 1'))
    found = check(replace(whole, links=(*whole.links[:at], altered, *whole.links[at + 1 :])), NOW).findings
    assert "forged" in {each.kind for each in found}
    place = Signed.parse(link.body).link
    record = whole.records[(place.key, place.version)]
    other = {**whole.records, (place.key, place.version): replace(record, body=record.body + b" ")}
    assert [each.kind for each in check(replace(whole, records=other), NOW).findings] == ["altered"]


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.stem)
def test_a_plan_is_written_as_it_was_read(plan: Path) -> None:
    """A plan that was claimed is compared with what is claimed again, as text."""
    assert json.dumps(any_plan(json.loads(plan.read_text())).as_json(), sort_keys=True) == plan.read_text().rstrip("\n")


@pytest.mark.parametrize("key", MANIFESTS)
def test_a_manifest_is_believed_by_its_signature_and_not_with_one_byte_changed(key: str) -> None:
    assert manifest.dump(believed(key, BODIES)) == BODIES[key]
    for place in (key, bucket.signature_key(key)):
        body = BODIES[place]
        altered = body.replace(b"2026-11", b"2026-10", 1)
        assert altered != body
        with pytest.raises(ManifestError):
            believed(key, {**BODIES, place: altered})


@pytest.mark.parametrize("store", sorted(KINDS))
def test_the_pieces_of_a_measurement_are_added_up(store: str) -> None:
    answers = [MeasuredPiece.from_json(each) for each in json.loads((HERE / "measurements" / f"{store}.json").read_text())]
    held = {str(each.relative_to(HERE)): each.read_bytes() for each in (HERE / "measurements").rglob("0*.json")}
    whole = collect(Bucket(held), BUCKET, store, answers)  # type: ignore[arg-type]  # the one call of S3 that is made
    assert sum(part.rows for part, _ in whole.parts.values()) == {"mysql": 150, "audit-logs": 60}[store]
