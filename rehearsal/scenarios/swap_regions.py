"""The regions in each other's roles: the file as a person edits it, the deployment, and what that must leave alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recovery.restore.adoption import edited
from rehearsal.cdk import Cdk
from rehearsal.progress import Detail
from rehearsal.scenarios.base import Context, World
from strategy import load
from strategy.catalogue import names as naming
from strategy.model.loader import ENVIRONMENTS, files


def turned(context: Context, *, primary: str, recovery: str, names: Mapping[str, str]) -> Context:
    """The roles as given, and each store, by its name, under the name that it has now: two words and a line for each store."""
    source = Path(context.environment)
    file = source if source.suffix else ENVIRONMENTS / f"{source}.toml"
    text = file.read_text(encoding="utf-8")
    for role, region in (("primary", primary), ("recovery", recovery)):
        text, found = re.subn(rf'(?m)^{role} = ".*"$', f'{role} = "{region}"', text, count=1)
        if not found:
            raise ValueError(f"{source} has no line for the {role} region")
    for store, name in names.items():
        text = edited(text, store, "identifier", f'identifier = "{name}"')
    path = context.directory / f"primary-{primary}" / f"{context.strategy.environment}.toml"
    path.parent.mkdir(exist_ok=True)
    for each in files(file):
        shutil.copy(each, path.parent)
    path.write_text(text, encoding="utf-8")
    return replace(context, environment=str(path.resolve()), strategy=load(str(path.resolve())))


def deploy(context: Context, detail: Detail) -> None:
    """By the CDK's command line, which takes over what stands already."""
    directory = context.directory / f"primary-{context.primary}"
    assembly = directory / "cdk.out"
    with Cdk(context.cloud, log=directory / "cdk.log") as cdk:
        cdk.synth({"environment": context.environment}, assembly=assembly)
        cdk.deploy(context.strategy, assembly=assembly, progress=lambda line: detail.now(line[:100]), imports=True)


@dataclass(frozen=True)
class Standing:
    """What holds data in both regions, by AWS's own ids: no deployment may change, end or replace any of it."""

    ids: dict[tuple[str, str, str], str]

    def lost_in(self, after: Standing) -> list[str]:
        return [
            f"{kind} {name} in {region} is {after.ids.get((kind, region, name), 'gone')}, and was {identity}"
            for (kind, region, name), identity in self.ids.items()
            if after.ids.get((kind, region, name)) != identity
        ]


def standing(context: Context, world: World) -> Standing:
    found: dict[tuple[str, str, str], str] = {}
    for region in (context.primary, context.recovery):
        client = world.stores.client
        for each in client("rds", region).describe_db_instances()["DBInstances"]:
            found["instance", region, each["DBInstanceIdentifier"]] = each["DbiResourceId"]
        for name in client("dynamodb", region).list_tables()["TableNames"]:
            table = client("dynamodb", region).describe_table(TableName=name)["Table"]
            found["table", region, name] = str(table["CreationDateTime"])
        for each in client("secretsmanager", region).list_secrets()["SecretList"]:
            value = client("secretsmanager", region).get_secret_value(SecretId=each["Name"])
            found["secret", region, each["Name"]] = f"{each['ARN']} {value['VersionId']}"
        for each in client("backup", region).list_backup_vaults()["BackupVaultList"]:
            found["vault", region, each["BackupVaultName"]] = f"{each['CreationDate']} {each.get('EncryptionKeyArn')}"
        for each in _keys(client("kms", region)):
            found["key", region, each] = "there"
    for bucket in world.stores.client("s3", context.primary).list_buckets()["Buckets"]:
        found["bucket", "", bucket["Name"]] = str(bucket["CreationDate"])
    return Standing(found)


def _keys(kms: Any) -> list[str]:
    """Of our own aliases; those that are being deleted are not there."""
    ours = [each["TargetKeyId"] for each in kms.list_aliases()["Aliases"] if not each["AliasName"].startswith("alias/aws/")]
    return [each for each in ours if kms.describe_key(KeyId=each)["KeyMetadata"]["KeyState"] == "Enabled"]


def owned(context: Context, world: World, region: str) -> set[str]:
    """Stores that the backup stack of a region has as its own."""
    formation = world.stores.client("cloudformation", region)
    listed = formation.describe_stack_resources(StackName=naming.stack(context.strategy.prefix, "backup"))["StackResources"]
    kinds = {"AWS::RDS::DBInstance", "AWS::DynamoDB::GlobalTable"}
    return {each["PhysicalResourceId"] for each in listed if each["ResourceType"] in kinds}
