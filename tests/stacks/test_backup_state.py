"""What holds state stays what it is: logical ids are pinned, and a swap of the regions changes none of it.

CloudFormation knows a resource by its logical id. Another id is another resource: what the old one held is left behind, and the
new one cannot take its name. `stateful_ids.json` is changed by adding to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.stateful import KEPT_OTHERWISE
from components.stateful import STATEFUL as STATEFUL_TYPES
from tests.stacks.assembly import Assembly, Resource, Synthesise, but_for_the_switch

PINNED = Path(__file__).with_name("stateful_ids.json")
STATEFUL = (
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)


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
    """Vaults, keys, buckets, secrets, and the roles that are known by name."""
    stay = ("AWS::Backup::BackupVault", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")
    found = dict(assembly.resources(*stay, region=region))
    named = {
        where: role for where, role in assembly.resources("AWS::IAM::Role", region=region) if "RoleName" in role["Properties"]
    }
    return {where: each for where, each in (found | named).items() if "-dr-" not in where}


@pytest.fixture(scope="module")
def turned(everything: Assembly, synthesise: Synthesise) -> Assembly:
    """The same with the regions swapped."""
    strategy = everything.strategy
    regions = strategy.regions
    return synthesise("prod", primary=regions.recovery, recovery=regions.primary, vault=strategy.vault, stores=strategy.stores)


@pytest.mark.parametrize("role", ["primary", "recovery"])
def test_a_swap_changes_no_vault_no_key_no_bucket_no_secret_and_no_role(
    everything: Assembly, turned: Assembly, role: str
) -> None:
    strategy = everything.strategy
    region = getattr(strategy.regions, role)
    before = kept(everything, region)
    assert before == kept(turned, region)
    names = [each["Properties"].get("RoleName", "") for each in before.values()]
    assert {purpose for purpose in ("backup", "restore", "replicate") if any(f"-{purpose}-" in name for name in names)} == {
        "backup",
        "restore",
        "replicate",
    }


@pytest.mark.proves("region-loss.failback")
@pytest.mark.parametrize("role", ["primary", "recovery"])
def test_a_swap_deletes_nothing_that_holds_data_and_makes_nothing_under_a_name_that_is_taken(
    everything: Assembly, turned: Assembly, role: str
) -> None:
    """Of every type that AWS or we call stateful. What leaves a template stays in AWS. What comes in is named as what a recovery
    has made there, and retained: so it is imported, and not made a second time.
    """
    region = getattr(everything.strategy.regions, role)
    types = sorted(STATEFUL_TYPES | KEPT_OTHERWISE.keys())
    before, after = (dict(each.resources(*types, region=region)) for each in (everything, turned))
    shared = before.keys() & after.keys()
    assert len(shared) > 10
    for where in shared:
        assert [before[where], before[where]["Type"]] == [after[where], after[where]["Type"]], where
    leaving = {where: before[where] for where in before.keys() - after.keys() if not _of_a_function(before[where])}
    coming = {where: after[where] for where in after.keys() - before.keys() if not _of_a_function(after[where])}
    for where, each in (leaving | coming).items():
        assert {each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")} == {"Retain"}, where
    assert {each["Type"] for each in coming.values()} == (
        {"AWS::RDS::DBInstance", "AWS::DynamoDB::GlobalTable", "AWS::Logs::LogGroup"}
        if role == "recovery"
        else {"AWS::RDS::DBInstance"}
    )
    for where, each in coming.items():
        assert IMPORTED_BY[each["Type"]] in each["Properties"], where


IMPORTED_BY = {
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::Logs::LogGroup": "LogGroupName",
}
"""The property by which CloudFormation finds what stands. A secret has none: it is known by an ARN that AWS makes up."""


def _of_a_function(resource: Resource) -> bool:
    """Logs of our own functions and workflows come and go with them."""
    name = str(resource["Properties"].get("LogGroupName", ""))
    return name.startswith(("/aws/lambda/", "/aws/vendedlogs/"))


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
