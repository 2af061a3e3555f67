"""cfn-lint over every template of every environment: nothing but what is excused here, and no excuse that is not needed."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from tests.assemblies import remembered
from tests.stacks.assembly import Assembly, Synthesise

ENVIRONMENTS = ("dev", "staging", "prod")
EXCUSED = {
    ("W3005", ""): "The CDK spells out dependencies that a GetAtt implies too; harmless.",
    ("W3010", ""): "Zones are named in the strategy: synthesis asks nobody, and a swap must not move a subnet.",
    ("E3691", "'8.0' is not one of"): "A major version lets RDS start with its default minor, as its documentation says.",
}
"""(rule, beginning of its message) → why it may stand."""


Finding = tuple[str, str]
"""Of cfn-lint: its rule, and what it says."""


def lint(assembly: Assembly) -> set[Finding]:
    """Of every template. What cfn-lint found in a template is kept: it reads nothing else."""
    regions = sorted((assembly.strategy.regions.primary, assembly.strategy.regions.recovery))
    templates = sorted(assembly.directory.glob("*.template.json"))
    assert len(templates) >= 3

    def find(template: Path) -> list[list[str]]:
        return [[match.rule.id, match.message] for match in lint_file(template, config=ManualArgs(regions=regions))]

    return {
        (rule, message)
        for template in templates
        for rule, message in remembered(
            {"lint": version("cfn-lint"), "regions": regions, "template": template.read_text()}, partial(find, template)
        )
    }


ALONE = [pytest.param(each, marks=pytest.mark.xdist_group(f"lint-{each}")) for each in ENVIRONMENTS]


@pytest.mark.parametrize("environment", ALONE)
def test_nothing_stands_that_is_not_excused(synthesise: Synthesise, environment: str) -> None:
    found = lint(synthesise(environment, checked=True))
    assert [each for each in sorted(found) if not any(_covers(excuse, each) for excuse in EXCUSED)] == []


@pytest.fixture(scope="module")
def found(environments: dict[str, Assembly]) -> set[Finding]:
    return {each for assembly in environments.values() for each in lint(assembly)}


@pytest.mark.parametrize("excuse", EXCUSED, ids=lambda excuse: excuse[0])
def test_every_excuse_is_needed(excuse: tuple[str, str], found: set[tuple[str, str]]) -> None:
    assert any(_covers(excuse, each) for each in found)


def test_lint_notices_a_wrong_property(tmp_path: Path) -> None:
    template = tmp_path / "wrong.json"
    template.write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Nome": "alerts"}}}}')
    assert {match.rule.id for match in lint_file(template, config=ManualArgs(regions=["ap-southeast-1"]))} == {"E3002"}


def _covers(excuse: tuple[str, str], found: tuple[str, str]) -> bool:
    return found[0] == excuse[0] and found[1].startswith(excuse[1])
