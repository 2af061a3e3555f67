"""The chain of evidence in the embedded AWS: sealed once, in order, whoever seals; and every falsification is found."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aws_rehearsal import Cloud
from recovery.__main__ import main
from recovery.cli.exit_codes import ExitCode
from recovery.evidence.chain_link import PUBLIC_KEY, folder
from recovery.evidence.chain_seal import seal
from rehearsal import tampering
from rehearsal.scenarios.people import Duty
from rehearsal.tampering import HERE, KINDS, RECORDS, Chain
from strategy import load
from strategy.catalogue import names
from tests.people import sign_in_as

FEWEST = 10


@pytest.fixture
def chain(cloud: Cloud) -> Chain:
    return tampering.make(cloud)


@pytest.mark.proves("compliance.evidence-chain")
def test_an_untouched_chain_is_whole(chain: Chain) -> None:
    verdict = chain.verdict()
    assert (verdict.findings, verdict.links, verdict.records, verdict.not_checked) == ((), RECORDS, RECORDS, ())
    assert verdict.whole


@pytest.mark.proves("compliance.evidence-chain")
@pytest.mark.parametrize("kind", KINDS)
def test_every_falsification_is_found_for_its_reason(cloud: Cloud, kind: str) -> None:
    assert tampering.caught(cloud, kind)


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) >= FEWEST


def test_sealing_again_seals_nothing_again(chain: Chain) -> None:
    assert seal(chain.s3, chain.kms, chain.place, chain.cloud.clock.now) == []
    assert chain.verdict().whole


@pytest.mark.proves("compliance.evidence-chain")
def test_writers_at_once_do_not_fork_the_chain(chain: Chain) -> None:
    for number in range(8):
        chain.s3.put_object(Bucket=chain.place.bucket, Key=f"{names.VERIFICATIONS}/mysql/{number}.json", Body=b"%d" % number)
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(seal, chain.s3, chain.kms, chain.place, chain.cloud.clock.now) for _ in range(4)]
        written = [key for each in runs for key in each.result()]
    assert len(written) == len(set(written)) == 8
    verdict = chain.verdict()
    assert (verdict.findings, verdict.links) == ((), RECORDS + 8)


@pytest.mark.proves("compliance.evidence-chain")
def test_what_is_sealed_cannot_be_deleted(chain: Chain) -> None:
    record = chain.link(1).link
    with pytest.raises(Exception, match=r"AccessDenied|object protected"):
        chain.s3.delete_object(Bucket=chain.place.bucket, Key=record.key, VersionId=record.version)


def test_the_public_key_lies_beside(chain: Chain) -> None:
    assert chain.body(f"{folder(HERE)}{PUBLIC_KEY}").startswith(b"-----BEGIN PUBLIC KEY-----")


@pytest.fixture
def connected(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    sign_in_as(Duty.AUDITOR, cloud, monkeypatch, load("dev"))
    return cloud


def verified(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    now = cloud.clock.now().isoformat(timespec="seconds")
    code = main(["evidence", "verify", "--env", "dev", "--region", HERE, "--now", now, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.proves("compliance.evidence-chain")
def test_the_command_says_whole_or_what_is_wrong(connected: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    chain = tampering.make(connected)
    code, found = verified(connected, capsys)
    assert (code, found["whole"], found["links"], found["findings"]) == (ExitCode.DONE, True, RECORDS, [])
    tampering.removed_link(chain)
    code, found = verified(connected, capsys)
    assert (code, found["whole"]) == (ExitCode.NOT_KEPT, False)
    assert {"removed", "broken", "truncated"} <= {each["kind"] for each in found["findings"]}


def test_an_empty_chain_proves_nothing(connected: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    chain = tampering.make(connected)
    for number in range(1, RECORDS + 1):
        chain.purge(chain.link(number).link.key)
    chain.purge(folder(HERE))
    code, found = verified(connected, capsys)
    assert (code, found["whole"], found["links"]) == (ExitCode.NOT_KEPT, False, 0)
