"""What holds state stays what it is: logical ids are pinned, and a swap of the regions changes none of it.

CloudFormation knows a resource by its logical id. Another id is another resource: what the old one held is left behind, and the
new one cannot take its name. `stateful_ids.json` is changed by adding to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.assembly import Assembly, Resource, Synthesise, but_for_the_switch

pytestmark = pytest.mark.xdist_group("assembly")

PINNED = Path(__file__).with_name("stateful_ids.json")
STATEFUL = (
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)
MAY_TURN = "ReplicationConfiguration"
"""Of a bucket: where its objects go next. It holds nothing, and changes in place."""


@pytest.fixture(scope="module")
def everything(environments: dict[str, Assembly], synthesise: Synthesise) -> Assembly:
    """Production with every setting that adds a stateful resource."""
    strategy = environments["prod"].strategy
    return synthesise(
        "prod",
        vault=strategy.vault.model_copy(update={"key": "customer-managed"}),
        stores=tuple(
            each.model_copy(update={"read_replica": True}) if each.kind == "mysql" else each for each in strategy.stores
        ),
    )


def stateful(assembly: Assembly, role: str) -> dict[str, str]:
    """`kind of stack/logical id` → type, in the region of that role."""
    region, prefix = getattr(assembly.strategy.regions, role), assembly.strategy.prefix
    return {
        where.removeprefix(f"{prefix}-").replace(f"-{region}/", "/"): resource["Type"]
        for where, resource in assembly.resources(*STATEFUL, region=region)
    }


@pytest.mark.parametrize("role", ["primary", "recovery"])
def test_logical_ids_are_pinned(everything: Assembly, role: str) -> None:
    assert stateful(everything, role) == json.loads(PINNED.read_text())[role]


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
@pytest.mark.parametrize("role", ["primary", "recovery"])
def test_every_environment_has_the_pinned_ids(environments: dict[str, Assembly], environment: str, role: str) -> None:
    assert stateful(environments[environment], role).items() <= json.loads(PINNED.read_text())[role].items()


def kept(assembly: Assembly, region: str) -> dict[str, Resource]:
    """Vaults, keys, buckets, and the roles that are known by name."""
    found = dict(assembly.resources("AWS::Backup::BackupVault", "AWS::KMS::Key", "AWS::S3::Bucket", region=region))
    for resource in found.values():
        resource["Properties"].pop(MAY_TURN, None)
    named = {
        where: role for where, role in assembly.resources("AWS::IAM::Role", region=region) if "RoleName" in role["Properties"]
    }
    return {where: each for where, each in (found | named).items() if "-dr-" not in where}


@pytest.mark.parametrize("role", ["primary", "recovery"])
def test_a_swap_changes_no_vault_no_key_no_bucket_and_no_role(everything: Assembly, synthesise: Synthesise, role: str) -> None:
    strategy = everything.strategy
    swapped = synthesise(
        "prod",
        primary=strategy.regions.recovery,
        recovery=strategy.regions.primary,
        vault=strategy.vault,
        stores=strategy.stores,
    )
    region = getattr(strategy.regions, role)
    before = kept(everything, region)
    assert before == kept(swapped, region)
    names = [each["Properties"].get("RoleName", "") for each in before.values()]
    assert {purpose for purpose in ("backup", "restore", "replicate") if any(f"-{purpose}-" in name for name in names)} == {
        "backup",
        "restore",
        "replicate",
    }


def test_the_selection_is_what_stands_there(environments: dict[str, Assembly]) -> None:
    """The ARNs in the selection are those of the table and the instance of the same template: nothing is silently skipped."""
    for assembly in environments.values():
        region, account = assembly.strategy.regions.primary, assembly.strategy.account
        resources = assembly.template("backup", region)["Resources"].values()

        def named(kind: str, key: str, resources: Any = resources) -> list[Any]:
            return [each["Properties"][key] for each in resources if each["Type"] == kind]

        standing = [f"arn:aws:rds:{region}:{account}:db:{name}" for name in named("AWS::RDS::DBInstance", "DBInstanceIdentifier")]
        standing += [
            f"arn:aws:dynamodb:{region}:{account}:table/{name}" for name in named("AWS::DynamoDB::GlobalTable", "TableName")
        ]
        (selection,) = named("AWS::Backup::BackupSelection", "BackupSelection")
        assert len(standing) == len(assembly.strategy.stores)
        assert selection["Resources"] == standing
        assert not {"Conditions", "ListOfTags", "NotResources"} & selection.keys()


def test_only_the_read_replica_knows_the_primary(everything: Assembly) -> None:
    """The written list of exceptions, with all there is: a replica must say what it replicates. Nothing restored needs it."""
    regions, prefix = everything.strategy.regions, everything.strategy.prefix
    knowing = [
        stack
        for stack, each in everything.templates(regions.recovery).items()
        if regions.primary in json.dumps(but_for_the_switch(each))
    ]
    assert knowing == [f"{prefix}-read-replica-{regions.recovery}"]
