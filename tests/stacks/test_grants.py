"""What AWS checks in a caller's name, and what nobody needs: held over every identity of every template.

Each test is about a kind of grant; what is not of the kind stands in a list here, with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from components.stores import physical_name
from strategy.catalogue import names, plan_record
from strategy.model.stores import StoreKind
from tests.stacks.assembly import Assembly, Synthesise
from tests.stacks.grants import Region, Statement, matches, regions, resource_statements

ENVIRONMENTS = ("dev", "staging", "prod")
THEIRS = "arn:aws:rds:ap-southeast-1:{account}:db:theirs"
EXISTING_TABLE = "arn:aws:dynamodb:ap-southeast-1:{account}:table/their-logs"


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def assembly(request: pytest.FixtureRequest, synthesise: Synthesise) -> Assembly:
    return synthesise(request.param)


@pytest.fixture(scope="module")
def both(assembly: Assembly) -> list[Region]:
    return regions(assembly)


@pytest.fixture(scope="module")
def existing(synthesise: Synthesise) -> Assembly:
    """Of dev, with stores that are somebody else's."""
    return of_others(synthesise)


def of_others(synthesise: Synthesise, **groups: str) -> Assembly:
    strategy = synthesise("dev").strategy
    arns = {StoreKind.MYSQL: THEIRS, StoreKind.DYNAMODB: EXISTING_TABLE}
    stores = []
    for store in strategy.stores:
        arn = arns[store.kind].format(account=strategy.account).replace("ap-southeast-1", strategy.regions.primary)
        own = groups if store.kind is StoreKind.MYSQL else {}
        stores.append(store.model_copy(update={"source": "existing", "identifier": None, "arn": arn, **own}))
    return synthesise("dev", stores=tuple(stores))


def granted(region: Region, *actions: str) -> Iterator[tuple[str, Statement]]:
    """Who is allowed one of these, by name, and the statement."""
    for who, statements in region.callers.items():
        for each in statements:
            if each.effect == "Allow" and {*each.actions} & {*actions}:
                yield region.name_of(who), each


def ends(name: str, *purposes: str) -> bool:
    return name.endswith(tuple(f"-{each}" for each in purposes))


# ---------------------------------------------------------------------- keys
MAKES_INSTANCES = (
    "rds:CopyDBSnapshot",
    "rds:CreateDBInstance",
    "rds:CreateDBInstanceReadReplica",
    "rds:RestoreDBInstanceFromDBSnapshot",
    "rds:RestoreDBInstanceFromS3",
    "rds:RestoreDBInstanceToPointInTime",
)


def without_keys(region: Region) -> Iterator[str]:
    """Who has RDS make an instance and cannot let it use a customer's key: by the grant that RDS asks for, or by a look at it."""
    through = {
        "StringEquals": {"kms:ViaService": f"rds.{region.name}.amazonaws.com"},
        "Bool": {"kms:GrantIsForAWSResource": "true"},
    }
    key = f"arn:aws:kms:{region.name}:{region.account}:key/11111111-2222-4333-8444-555555555555"
    for who, statements in region.callers.items():
        if not any({*each.actions} & {*MAKES_INSTANCES} for each in statements if each.effect == "Allow"):
            continue
        if not any(each.allows("kms:CreateGrant", key) and each.conditions == through for each in statements):
            yield f"{region.name_of(who)}: kms:CreateGrant"
        if not any(each.allows("kms:DescribeKey", key) and not each.conditions for each in statements):
            yield f"{region.name_of(who)}: kms:DescribeKey"


def test_whoever_restores_mysql_may_let_rds_use_its_key(both: list[Region]) -> None:
    for region in both:
        makers = {name for name, _ in granted(region, *MAKES_INSTANCES)}
        assert len(makers) >= 2  # the function that begins a restore, and AWS Backup's role
        assert list(without_keys(region)) == []


def test_every_grant_of_a_key_is_for_a_service_and_for_a_resource_of_it(both: list[Region]) -> None:
    """A grant for anything else lets its grantee use the key for ever, whatever policies say later."""
    for region in both:
        for name, each in granted(region, "kms:CreateGrant"):
            assert each.condition("Bool", "kms:GrantIsForAWSResource") == ["true"], name
            assert each.condition("StringEquals", "kms:ViaService"), name
            assert each.actions == ("kms:CreateGrant",), name  # the first key is absent from every other call


def test_every_key_leaves_who_may_use_it_to_identity_policies(both: list[Region]) -> None:
    uses = {"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:*"}
    for region in both:
        found = list(region.resources("AWS::KMS::Key"))
        assert found
        for stack, logical_id, properties in found:
            statements = list(resource_statements(properties["KeyPolicy"]))
            root = f"arn:aws:iam::{region.account}:root"
            assert any(
                each["Effect"] == "Allow"
                and region.spelled(stack, each["Principal"].get("AWS", "")) == root
                and actions == ["kms:*"]
                and "Condition" not in each
                for each, _, actions in statements
                if isinstance(each["Principal"], dict)
            ), logical_id
            assert [actions for each, _, actions in statements if each["Effect"] == "Deny" and uses & {*actions}] == []


def test_whoever_restores_or_changes_somebody_elses_table_may_let_dynamodb_use_its_key(existing: Assembly) -> None:
    for region in regions(existing):
        through = {"kms:ViaService": f"dynamodb.{region.name}.amazonaws.com"}
        makers = {name for name, _ in granted(region, "dynamodb:RestoreTableToPointInTime", "dynamodb:UpdateTable")}
        makers |= {name for name, _ in granted(region, "dynamodb:RestoreTableFromAwsBackup")}
        for action in ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"):
            allowed = {name for name, each in granted(region, action) if each.conditions.get("StringEquals") == through}
            assert makers <= allowed, (action, makers - allowed)


# ---------------------------------------------------------------------- stores
ONLY_DEPLOYED = {
    "write-manifest": "It measures what it was told when it was deployed: its network reaches no parameter",
    "monitor": "It compares what was deployed with what the strategy says: a restored store is adopted, or reported as absent",
    "preflight": "Whether a table's replica is in the recovery region: a replica has the table's own name",
}
"""Purpose of a function, and why it asks for a store by its deployed name alone."""


def only_deployed(region: Region, assembly: Assembly) -> Iterator[str]:
    """Grants on a store under its deployed name that do not hold for the restored one that may be in use."""
    strategy = assembly.strategy
    for store in strategy.stores:
        physical = physical_name(strategy, store)
        base = names.store_arn(store.kind, region.name, region.account, physical)
        restored = names.store_arn(store.kind, region.name, region.account, names.restored_pattern(physical))
        for who, statements in region.callers.items():
            name = region.name_of(who)
            if ends(name, *ONLY_DEPLOYED):
                continue
            pairs = {
                (action, on) for each in statements if each.effect == "Allow" for action in each.actions for on in each.resources
            }
            for action, on in sorted(pairs):
                if on != base and not on.startswith((f"{base}/", f"{base}:")):
                    continue
                if (action, on.replace(base, restored, 1)) not in pairs:
                    yield f"{name}: {action} on {on.removeprefix(base) or 'the store itself'}"


def test_a_grant_on_a_store_holds_for_the_restored_one_that_is_in_use(assembly: Assembly, both: list[Region]) -> None:
    for region in both:
        assert list(only_deployed(region, assembly)) == []


def test_a_grant_on_somebody_elses_store_holds_for_the_restored_one(existing: Assembly) -> None:
    for region in regions(existing):
        assert list(only_deployed(region, existing)) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_services_use_a_restored_table_and_its_indexes_and_scan_none(synthesise: Synthesise, environment: str) -> None:
    assembly = synthesise(environment)
    for region in regions(assembly):
        for store in assembly.strategy.stores:
            if store.kind is not StoreKind.DYNAMODB:
                continue
            base = f"arn:aws:dynamodb:{region.name}:{region.account}:table/{physical_name(assembly.strategy, store)}"
            for service in assembly.strategy.services_of(store.name):
                own = names.role(assembly.strategy.prefix, names.service_role(service.name), region.name)
                (who,) = (each for each in region.callers if region.name_of(each) == own)
                for table in (base, f"{base}-r0123abcd"):
                    assert region.may(who, "dynamodb:GetItem", table)
                    assert region.may(who, "dynamodb:Query", f"{table}/index/AgentIndex")
                    assert not region.may(who, "dynamodb:Scan", table)


# ---------------------------------------------------------------------- stores of somebody else's
KINDS = {"subgrp": "subnet_group", "pg": "parameter_group", "og": "option_group"}


def groups_of(region: Region, *purposes: str) -> set[str]:
    """`kind:name` of what these may restore an instance into."""
    return {
        resource.split(":", 5)[5]
        for name, each in granted(region, "rds:RestoreDBInstanceToPointInTime")
        if ends(name, *purposes)
        for resource in each.resources
        if resource.split(":")[5] in KINDS
    }


def test_somebody_elses_instance_is_restored_into_its_own_groups(synthesise: Synthesise) -> None:
    named = {key: f"their-{kind}" for kind, key in KINDS.items()}
    for region in regions(of_others(synthesise, **named)):
        for purpose in ("restore-begin", f"restore-{region.name}"):
            found = groups_of(region, purpose)
            assert {f"{kind}:their-{kind}" for kind in KINDS} <= found
            assert not {f"{kind}:*" for kind in KINDS} & found  # the strategy says which


def test_where_the_strategy_names_no_groups_any_will_do(existing: Assembly) -> None:
    for region in regions(existing):
        for purpose in ("restore-begin", f"restore-{region.name}"):
            assert {f"{kind}:*" for kind in KINDS} <= groups_of(region, purpose)


def test_a_managed_instance_is_restored_into_no_others_groups(assembly: Assembly, both: list[Region]) -> None:
    prefix = assembly.strategy.prefix
    for region in both:
        found = groups_of(region, "restore-begin", f"restore-{region.name}")
        assert {each for each in found if not each.partition(":")[2].startswith(prefix)} == {"og:default*"}


# ---------------------------------------------------------------------- S3
LISTED_FIRST = {
    "assess": "It reads the newest manifests by their listing",
    "auditor": "An auditor reads what was listed, version by version",
    "duty": "It reads the records that it listed",
    "digest": "It reads the records that it listed",
    "drill-plan": "It takes manifests by their listing",
    "monitor": "It reads the records that it listed",
    "operator": "It reads public keys, of regions that signed: the viewer's policy, which goes with it, lists the bucket",
    "preflight": "It takes manifests by their listing",
    "proofs": "It reads the records that it listed",
    "sign-manifests": "It reads the manifest that the function before it says that it wrote",
    "watch-restore-tests": "It reads the records that it listed",
    "write-manifest": "It adds up the pieces whose names its own calls answered",
    **{
        f"service-{each}": "An environment's bundle is looked for before it is made"
        for each in ("ai", "client", "transaction", "user")
    },
    names.ACTIVATE: "Elastic Beanstalk reads the bundle that the application version names",
}
"""Who reads only what it knows to be there, and how. Everybody else may ask for what is not."""


def blind(region: Region) -> Iterator[str]:
    """Who may ask for an object that is not there, and would be told that it is forbidden."""
    for who, statements in region.callers.items():
        name = region.name_of(who)
        if ends(name.removesuffix(f"-{region.name}"), *LISTED_FIRST):
            continue
        lists = {on for each in statements if "s3:ListBucket" in each.actions and not each.conditions for on in each.resources}
        reads = {on.partition("/")[0] for each in statements if "s3:GetObject" in each.actions for on in each.resources}
        yield from (f"{name}: {bucket}" for bucket in sorted(reads - lists))


def test_whoever_may_ask_for_what_is_not_there_is_told_so(both: list[Region]) -> None:
    for region in both:
        assert list(blind(region)) == []
        readers = {name.removesuffix(f"-{region.name}") for name, _ in granted(region, "s3:GetObject")}
        for purpose in ("verify-mysql", "verify-dynamodb", "drill-exercise", "viewer", "seal-evidence"):
            assert any(ends(each, purpose) for each in readers), purpose


def test_the_bundles_of_releases_can_be_told_to_be_absent(assembly: Assembly, both: list[Region]) -> None:
    for region in both:
        bucket = f"arn:aws:s3:::{names.shared_data_bucket(assembly.strategy.prefix, region.name, region.account)}"
        (who,) = (each for each in region.callers if ends(region.name_of(each), "preflight"))
        assert any(each.allows("s3:ListBucket", bucket) and not each.conditions for each in region.callers[who])


def test_whoever_may_look_reads_all_that_the_daily_preflight_reads(both: list[Region]) -> None:
    """`preflight` and `status` are commands, too, and theirs: what they may not read, they say they did not check."""
    for region in both:
        (function,) = (each for each in region.callers if ends(region.name_of(each), "preflight"))
        (viewer,) = (each for each in region.callers if ends(region.name_of(each), f"viewer-{region.name}"))
        read = {
            (action, on)
            for each in region.callers[function]
            for action in each.actions
            for on in each.resources
            if not action.startswith("logs:") and action != "s3:PutObject"
        }
        assert sorted(each for each in read if not region.may(viewer, *each)) == []


# ---------------------------------------------------------------------- what one call asks of another service
DEPENDENT = {
    "servicequotas:GetServiceQuota": {
        # Service Quotas looks at what is used in the caller's name: Service Quotas User Guide, "Identity and access management".
        "rds:DescribeAccountAttributes",
    },
    "application-autoscaling:RegisterScalableTarget": {
        # Application Auto Scaling User Guide, "Permissions validation for Application Auto Scaling API calls on target
        # resources".
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricAlarm",
        "dynamodb:DescribeTable",
        "dynamodb:UpdateTable",
        "iam:CreateServiceLinkedRole",
    },
    "backup:StartBackupJob": {"iam:PassRole"},
    "backup:StartRestoreJob": {"iam:PassRole"},
    "cloudformation:UpdateStack": {"iam:PassRole"},
    "dynamodb:RestoreTableToPointInTime": {
        # Amazon DynamoDB Developer Guide, "Using IAM with DynamoDB backup and restore".
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
    },
    "dynamodb:RestoreTableFromAwsBackup": {
        # As above, example 8: read and write on the target.
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
    },
    "rds:RestoreDBInstanceToPointInTime": {"rds:AddTagsToResource"},
    "rds:RestoreDBInstanceFromDBSnapshot": {"rds:AddTagsToResource"},
}
"""Action, and what AWS documents that its caller must be allowed besides."""


@pytest.mark.parametrize("action", DEPENDENT)
def test_whoever_may_call_may_do_what_the_call_asks_in_its_name(action: str, both: list[Region]) -> None:
    for region in both:
        for who, statements in region.callers.items():
            allowed = {each for statement in statements if statement.effect == "Allow" for each in statement.actions}
            if action in allowed and not (stack_of_beanstalk(statements) and action == "cloudformation:UpdateStack"):
                assert DEPENDENT[action] <= allowed, (region.name_of(who), DEPENDENT[action] - allowed)


def stack_of_beanstalk(statements: list[Statement]) -> bool:
    """Elastic Beanstalk's own stacks have no role of their own."""
    return any("stack/awseb-e-*" in on for each in statements for on in each.resources)


def test_a_tables_backup_and_its_restore_may_be_made_by_aws_backup(both: list[Region]) -> None:
    """The role of a selection has AWS's own policy for backups, which holds `dynamodb:StartAwsBackupJob`."""
    for region in both:
        for stack, _, properties in region.resources("AWS::Backup::BackupSelection"):
            who = region.role(stack, properties["BackupSelection"]["IamRoleArn"])
            role = region.templates[stack]["Resources"][who.partition("/")[2]]["Properties"]
            policies = [region.spelled(stack, each) for each in role.get("ManagedPolicyArns", [])]
            assert any(each.endswith("policy/service-role/AWSBackupServiceRolePolicyForBackup") for each in policies)
        for stack, _, properties in region.resources("AWS::Backup::RestoreTestingSelection"):
            who = region.role(stack, properties["IamRoleArn"])
            kind, service = {"RDS": ("mysql", "rds"), "DynamoDB": ("dynamodb", "dynamodb")}[properties["ProtectedResourceType"]]
            made = names.store_arn(kind, region.name, region.account, f"{names.TESTED}0f1e2d3c")
            action = {"rds": "rds:RestoreDBInstanceFromDBSnapshot", "dynamodb": "dynamodb:RestoreTableFromAwsBackup"}[service]
            assert region.may(who, action, made)


# ---------------------------------------------------------------------- stacks
def test_a_stack_that_a_function_updates_reads_no_parameter(assembly: Assembly, both: list[Region]) -> None:
    for region in both:
        updated = {
            match[1]
            for name, each in granted(region, "cloudformation:UpdateStack")
            for on in each.resources
            if (match := re.search(rf":stack/{assembly.strategy.prefix}-([\w-]+)/\*$", on))
        }
        assert updated == ({"standby"} if region.name == assembly.strategy.regions.recovery else set())
        for kind in updated:
            template = assembly.template(kind, region.name)
            types = {each["Type"] for each in template.get("Parameters", {}).values()}
            assert not {each for each in types if each.startswith("AWS::SSM::")}


MADE_BY = {
    "AWS::EC2::EIP": "ec2:AllocateAddress",
    "AWS::EC2::Instance": "ec2:RunInstances",
    "AWS::EC2::NatGateway": "ec2:CreateNatGateway",
    "AWS::EC2::Route": "ec2:CreateRoute",
    "AWS::ElastiCache::ReplicationGroup": "elasticache:CreateReplicationGroup",
    "AWS::ElasticBeanstalk::Environment": "elasticbeanstalk:CreateEnvironment",
    "AWS::SSM::Parameter": "ssm:PutParameter",
}
NOT_AN_ADMINISTRATORS = ("dynamodb:", "kms:", "rds:", "secretsmanager:", "states:", "backup:", "sts:", "organizations:")
IAM_OF_A_DEPLOYMENT = {"iam:PassRole", "iam:CreateServiceLinkedRole"}


def test_a_function_updates_a_stack_only_in_a_narrow_role(assembly: Assembly, both: list[Region]) -> None:
    recovery = next(each for each in both if each.name == assembly.strategy.regions.recovery)
    own = names.role_arn(assembly.strategy.prefix, names.ACTIVATE, recovery.name, recovery.account)
    updates = [
        each
        for name, each in granted(recovery, "cloudformation:UpdateStack")
        if not any("stack/awseb-e-*" in on for on in each.resources)
    ]
    assert [each.conditions for each in updates] == [{"StringEquals": {"cloudformation:RoleArn": own}}]
    (who,) = (each for each in recovery.callers if recovery.name_of(each) == own.rpartition("/")[2])
    allowed = {action for each in recovery.callers[who] for action in each.actions}
    assert not {each for each in allowed if each.startswith(NOT_AN_ADMINISTRATORS) or each.endswith("*")}
    assert {each for each in allowed if each.startswith("iam:")} == IAM_OF_A_DEPLOYMENT
    resources = assembly.template("standby", recovery.name)["Resources"].values()
    behind = {each["Type"] for each in resources if each.get("Condition") == "IsActivated"}
    assert behind
    assert behind <= MADE_BY.keys()
    assert {MADE_BY[each] for each in behind} <= allowed
    passed = {on for each in recovery.callers[who] if "iam:PassRole" in each.actions for on in each.resources}
    roles = {each["Properties"].get("RoleName") for each in resources if each["Type"] == "AWS::IAM::Role"}
    assert {each.rpartition("/")[2] for each in passed} <= roles


# ---------------------------------------------------------------------- conditions
def test_who_writes_plans_writes_its_own_attributes(assembly: Assembly, both: list[Region]) -> None:
    """Nobody who claims a plan, or begins its restore, can approve it; and who approves can do nothing else to it."""
    wanted = {"restore-claim": plan_record.CLAIM, "restore-begin": plan_record.JOB, "approver": plan_record.APPROVALS}
    for region in both:
        table = names.store_arn("dynamodb", region.name, region.account, names.plans_table(assembly.strategy.prefix))
        writers = {
            name.removesuffix(f"-{region.name}"): each
            for name, each in granted(region, "dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem")
            if any(matches(on, table) for on in each.resources)
        }
        assert {name.removeprefix(f"{assembly.strategy.prefix}-") for name in writers} <= {*wanted}
        for name, each in writers.items():
            (purpose,) = (purpose for purpose in wanted if ends(name, purpose))
            assert each.actions == ("dynamodb:UpdateItem",)
            assert {*each.condition("ForAllValues:StringEquals", "dynamodb:Attributes")} == {*wanted[purpose]}
            assert each.condition("Null", "dynamodb:Attributes") == ["false"]  # ForAllValues is true of none
            assert each.condition("StringEqualsIfExists", "dynamodb:ReturnValues") == ["NONE", "UPDATED_NEW", "UPDATED_OLD"]
    assert not {*plan_record.APPROVALS} & {*plan_record.CLAIM, *plan_record.JOB} - {plan_record.KEY}


def test_who_sets_tags_on_stores_sets_only_those_of_the_strategy_and_of_plans(assembly: Assembly, both: list[Region]) -> None:
    for region in both:
        found = list(granted(region, "dynamodb:TagResource", "rds:AddTagsToResource"))
        assert len(found) >= 3
        for name, each in found:
            if name == names.role(assembly.strategy.prefix, "restore", region.name):
                continue  # AWS Backup's: it copies the tags that a recovery point has
            keys = {*each.condition("ForAllValues:StringEquals", "aws:TagKeys")}
            marks = {names.PLAN_TAG, names.DRILL_TAG}
            assert keys == marks if ends(name, "drill-mark") else keys == {*marks, *assembly.strategy.tags}, name
            assert each.condition("Null", "aws:TagKeys") == ["false"], name


def test_what_is_deleted_is_a_drills(both: list[Region]) -> None:
    for region in both:
        found = list(granted(region, "dynamodb:DeleteTable", "rds:DeleteDBInstance"))
        assert found
        for name, each in found:
            assert each.conditions == {"StringEquals": {f"aws:ResourceTag/{names.DRILL_TAG}": "true"}}, name


def test_scaling_is_of_tables_alone(both: list[Region]) -> None:
    for region in both:
        found = list(
            granted(region, "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget")
        )
        assert found
        for name, each in found:
            assert each.condition("StringEquals", "application-autoscaling:service-namespace") == ["dynamodb"], name
            assert "*" not in each.resources


def test_a_role_is_passed_to_the_service_that_it_is_for(both: list[Region]) -> None:
    for region in both:
        for name, each in granted(region, "iam:PassRole"):
            assert each.condition("StringEquals", "iam:PassedToService"), name
            assert "*" not in each.resources, name


# ---------------------------------------------------------------------- trust
WITHIN_THE_ACCOUNT = {
    "ec2.amazonaws.com": "A role is passed to an instance by a principal of its own account: IAM passes no role across accounts",
    "lambda.amazonaws.com": "As above, to a function; Lambda documents no source of the call",
}
"""Services whose trust needs no source, and why."""
_SOURCES = {"aws:SourceAccount", "aws:SourceArn", "sts:ExternalId"}


def test_every_role_is_taken_for_this_account_alone(both: list[Region]) -> None:
    for region in both:
        for stack, logical_id, properties in region.resources("AWS::IAM::Role"):
            for each, services, _ in resource_statements(properties["AssumeRolePolicyDocument"]):
                assert services, logical_id
                keys = {key for values in each.get("Condition", {}).values() for key in values}
                if not {*services} <= WITHIN_THE_ACCOUNT.keys():
                    assert keys & _SOURCES, (stack, logical_id)


def test_a_rules_role_is_taken_for_that_rule_alone(both: list[Region]) -> None:
    for region in both:
        used: dict[str, set[str]] = {}
        for stack, logical_id, properties in region.resources("AWS::Events::Rule"):
            for target in properties.get("Targets", []):
                if "RoleArn" in target:
                    used.setdefault(region.role(stack, target["RoleArn"]), set()).add(
                        region.spelled(stack, {"Fn::GetAtt": [logical_id, "Arn"]})
                    )
        assert used
        for who, rules in used.items():
            stack, _, logical_id = who.partition("/")
            document = region.templates[stack]["Resources"][logical_id]["Properties"]["AssumeRolePolicyDocument"]
            ((each, services, _),) = resource_statements(document)
            assert services == ["events.amazonaws.com"]
            assert {each["Condition"]["ArnEquals"]["aws:SourceArn"]} == rules, who
            assert each["Condition"]["StringEquals"] == {"aws:SourceAccount": region.account}
