"""cdk-nag's AwsSolutions and NIST 800-53 R5, and CloudFormation's own rules: nothing found that has no reason beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.stacks.assembly import Assembly, Finding, Synthesise

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture(scope="module")
def unexcused(synthesise: Synthesise) -> dict[str, list[Finding]]:
    """What would be found if nothing were acknowledged."""
    return {environment: synthesise(environment, checked=True, acknowledged=False).findings() for environment in ENVIRONMENTS}


@pytest.mark.proves("documents.infrastructure", "vaults.nag-rules")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_is_found_that_is_not_acknowledged(environment: str, environments: dict[str, Assembly]) -> None:
    found = environments[environment].findings()
    assert not found, "\n".join(f"{path}: {rule}: {description}" for rule, path, description in sorted(found))


@pytest.mark.proves("vaults.nag-rules")
def test_the_checks_find_something(unexcused: dict[str, list[Finding]]) -> None:
    """They ran: each of the three finds what is acknowledged."""
    rules = {finding.rule for finding in unexcused["dev"]}
    for check in ("AwsSolutions-", "NIST.800.53.R5-", "W3010"):
        assert [rule for rule in rules if rule.startswith(check)], check


def acknowledged(environments: dict[str, Assembly]) -> Iterator[tuple[str, str, str, str]]:
    for environment, assembly in environments.items():
        yield from ((environment, *each) for each in assembly.acknowledgements())


@pytest.mark.proves("vaults.nag-rules")
def test_every_acknowledgement_is_a_sentence(environments: dict[str, Assembly]) -> None:
    assert [
        (path, rule, reason)
        for _, path, rule, reason in acknowledged(environments)
        if len(reason.split()) < 6 or not reason[0].isupper() or len(reason) > 160
    ] == []


@pytest.mark.proves("vaults.nag-rules")
def test_every_acknowledgement_is_of_a_finding(environments: dict[str, Assembly], unexcused: dict[str, list[Finding]]) -> None:
    assert [
        (environment, path, rule)
        for environment, path, rule, _ in acknowledged(environments)
        if not any(
            finding.rule == re.sub(r"^[\w-]+::", "", rule) and f"{finding.path}/".startswith(f"{path}/")
            for finding in unexcused[environment]
        )
    ] == []
