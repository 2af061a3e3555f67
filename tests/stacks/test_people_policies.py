"""The managed policies that people sign in with: what the commands they run read is allowed, and each fits what AWS stores."""

from __future__ import annotations

import json
from collections import Counter
from fnmatch import fnmatchcase
from typing import Any

from recovery.findings.finding import FOLDERS
from strategy.catalogue import names
from strategy.catalogue.calendar import DUTIES
from tests.stacks.assembly import Assembly, text

MOST_CHARACTERS = 6_144
"""Of a managed policy, white space not counted: IAM and STS quotas."""
MOST_CHARACTERS_IN_A_ROLE = 10_240
"""Of all inline policies of one role together."""


def policies(assembly: Assembly) -> list[tuple[str, dict[str, Any]]]:
    found = assembly.resources("AWS::IAM::ManagedPolicy")
    return [(each["Properties"]["ManagedPolicyName"], each["Properties"]["PolicyDocument"]) for _, each in found]


def allows(document: dict[str, Any], action: str, resource: str) -> bool:
    """Conditions aside."""
    return any(
        action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
        and any(
            fnmatchcase(resource, text(allowed))
            for allowed in ([each["Resource"]] if isinstance(each["Resource"], str | dict) else each["Resource"])
        )
        for each in document["Statement"]
        if each["Effect"] == "Allow"
    )


def size(document: dict[str, Any]) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def test_no_role_overflows_into_a_policy_of_the_cdks(environments: dict[str, Assembly]) -> None:
    """It makes a managed policy without a name of what a role's inline policy has no room for."""
    for assembly in environments.values():
        unnamed = [
            where
            for where, each in assembly.resources("AWS::IAM::ManagedPolicy")
            if "ManagedPolicyName" not in each["Properties"]
        ]
        assert unnamed == []


def test_every_policy_of_a_person_fits_what_iam_stores(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        found = policies(assembly)
        assert found
        assert [name for name, document in found if size(document) > MOST_CHARACTERS] == []


def test_the_policies_inside_each_role_fit_together(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        sizes = Counter[str]()
        for where, each in assembly.resources("AWS::IAM::Policy"):
            for role in each["Properties"]["Roles"]:
                sizes[f"{where.partition('/')[0]}/{role['Ref']}"] += size(each["Properties"]["PolicyDocument"])
        for where, each in assembly.resources("AWS::IAM::Role"):
            sizes[where] += sum(size(policy["PolicyDocument"]) for policy in each["Properties"].get("Policies", []))
        assert sizes
        assert [where for where, characters in sizes.items() if characters > MOST_CHARACTERS_IN_A_ROLE] == []


def test_whoever_may_look_reads_all_that_status_shows_of_findings_and_duties(environments: dict[str, Assembly]) -> None:
    read = {*FOLDERS, *(folder.partition("/")[0] for each in DUTIES for folder in each.folders), names.MANIFESTS}
    for assembly in environments.values():
        strategy = assembly.strategy
        for region in (strategy.regions.primary, strategy.regions.recovery):
            viewer = dict(policies(assembly))[names.role(strategy.prefix, "viewer", region)]
            bucket = f"arn:aws:s3:::{names.evidence_bucket(strategy.prefix, region, strategy.account)}"
            for folder in read:
                assert allows(viewer, "s3:GetObject", f"{bucket}/{folder}/x.json"), folder
            (listed,) = (each for each in viewer["Statement"] if "s3:ListBucket" in each["Action"])
            assert "Condition" not in listed  # or S3 would call a record forbidden that is absent
            assert not allows(viewer, "s3:PutObject", f"{bucket}/findings/x.json")


def test_a_planned_failover_is_a_duty_of_its_own_in_both_regions(environments: dict[str, Assembly]) -> None:
    """Whoever is on call cannot close the region that serves; who may plan a failover can, and backs up and copies its stores."""
    for assembly in environments.values():
        strategy = assembly.strategy
        prefix, account = strategy.prefix, strategy.account
        for region in (strategy.regions.primary, strategy.regions.recovery):
            found = dict(policies(assembly))
            failover = found[names.role(prefix, "planned-failover", region)]
            note = f"arn:aws:ssm:{region}:{account}:parameter{names.taking(prefix)}"
            vault = names.vault_arn(region, account, names.backup_vault(prefix))
            for action, resource in (
                *((f"ssm:{each}Parameter", note) for each in ("Get", "Put", "Delete")),
                ("states:StartExecution", names.state_machine_arn(prefix, names.MANIFESTS, region, account)),
                ("backup:StartBackupJob", vault),
                ("backup:StartCopyJob", f"arn:aws:rds:{region}:{account}:snapshot:awsbackup:job-1"),
                ("iam:PassRole", names.role_arn(prefix, "backup", region, account)),
            ):
                assert allows(failover, action, resource), action
                others = {name: each for name, each in found.items() if "planned-failover" not in name}
                if action != "states:StartExecution":
                    assert [name for name, each in others.items() if allows(each, action, resource)] == []
