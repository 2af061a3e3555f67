"""AWS throttles: what a rehearsal answers in its place is what each service's client reads."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from rehearsal.scenarios.restore_faults import throttled

HOME = "ap-southeast-1"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "application-autoscaling": ("describe_scalable_targets", {"ServiceNamespace": "dynamodb"}),
    "backup": ("list_backup_jobs", {}),
    "cloudwatch": ("list_metrics", {}),
    "dynamodb": ("list_tables", {}),
    "ec2": ("describe_vpcs", {}),
    "elasticbeanstalk": ("describe_environments", {}),
    "elbv2": ("describe_load_balancers", {}),
    "events": ("list_rules", {}),
    "iam": ("list_roles", {}),
    "kms": ("list_keys", {}),
    "lambda": ("list_functions", {}),
    "rds": ("describe_db_instances", {}),
    "route53": ("list_hosted_zones", {}),
    "s3": ("list_buckets", {}),
    "secretsmanager": ("list_secrets", {}),
    "service-quotas": ("list_services", {}),
    "sns": ("list_topics", {}),
    "sqs": ("list_queues", {}),
    "ssm": ("describe_parameters", {}),
    "stepfunctions": ("list_state_machines", {}),
}


@pytest.mark.parametrize("service", CALLS)
def test_whoever_is_throttled_can_read_it(module_cloud: Cloud, service: str) -> None:
    """CloudWatch's, for one, are signed as `monitoring`: an answer that breaks over the name is a fault of nobody's."""
    call, arguments = CALLS[service]
    module_cloud.gateway.interceptors.append(lambda _region, signed_for, _operation: throttled(signed_for))
    try:
        with pytest.raises(ClientError) as refused:
            getattr(module_cloud.client(service, HOME), call)(**arguments)
    finally:
        module_cloud.gateway.interceptors.clear()
    assert refused.value.response["Error"]["Code"] in {
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "SlowDown",
    }
