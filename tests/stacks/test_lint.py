"""cfn-lint over every template of every environment: nothing but what is excused here, and no excuse that is not needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from tests.stacks.assembly import Assembly

pytestmark = pytest.mark.xdist_group("assembly")

EXCUSED = {
    ("W3005", ""): "The CDK spells out dependencies that a GetAtt implies too; harmless.",
    ("W3010", ""): "Zones are named in the strategy: synthesis asks nobody, and a swap must not move a subnet.",
    ("E3691", "'8.0' is not one of"): "A major version lets RDS start with its default minor, as its documentation says.",
}
"""(rule, beginning of its message) → why it may stand."""


@pytest.fixture(scope="module")
def found(environments: dict[str, Assembly]) -> set[tuple[str, str]]:
    regions = sorted(
        {region for each in environments.values() for region in (each.strategy.regions.primary, each.strategy.regions.recovery)}
    )
    templates = [path for each in environments.values() for path in sorted(Path(each.directory).glob("*.template.json"))]
    assert len(templates) >= 3 * len(environments)
    return {
        (match.rule.id, match.message)
        for template in templates
        for match in lint_file(template, config=ManualArgs(regions=regions))
    }


def test_nothing_stands_that_is_not_excused(found: set[tuple[str, str]]) -> None:
    assert [each for each in sorted(found) if not any(_covers(excuse, each) for excuse in EXCUSED)] == []


@pytest.mark.parametrize("excuse", EXCUSED, ids=lambda excuse: excuse[0])
def test_every_excuse_is_needed(excuse: tuple[str, str], found: set[tuple[str, str]]) -> None:
    assert any(_covers(excuse, each) for each in found)


def test_lint_notices_a_wrong_property(tmp_path: Path) -> None:
    template = tmp_path / "wrong.json"
    template.write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Nome": "alerts"}}}}')
    assert {match.rule.id for match in lint_file(template, config=ManualArgs(regions=["ap-southeast-1"]))} == {"E3002"}


def _covers(excuse: tuple[str, str], found: tuple[str, str]) -> bool:
    return found[0] == excuse[0] and found[1].startswith(excuse[1])
