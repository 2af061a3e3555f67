"""Service-linked roles: which call makes which, what they are called, and the moment before policies know them.

A fresh account has none. A service makes its own with the first call that needs it, in the caller's name: the caller needs
`iam:CreateServiceLinkedRole` then, and only then. Others are made by IAM's CreateServiceLinkedRole or by
`AWS::IAM::ServiceLinkedRole`. Source of each: the page "Using service-linked roles" of the service's guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.iam.models import iam_backends

from aws_rehearsal.clock import Clock

UNSEEN = timedelta(seconds=5)
"""How long a policy that names a new role is refused. IAM is eventually consistent, and AWS gives no number."""
_SEEN_AT = "_seen_at"
_PARTITION = "aws"

NAMES = {
    "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
    "backup.amazonaws.com": "AWSServiceRoleForBackup",
    "config.amazonaws.com": "AWSServiceRoleForConfig",
    "dynamodb.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
    "elasticache.amazonaws.com": "AWSServiceRoleForElastiCache",
    "elasticbeanstalk.amazonaws.com": "AWSServiceRoleForElasticBeanstalk",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "kinesisreplication.dynamodb.amazonaws.com": "AWSServiceRoleForDynamoDBKinesisDataStreamsReplication",
    "mrk.kms.amazonaws.com": "AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
    "rds.amazonaws.com": "AWSServiceRoleForRDS",
    "replication.dynamodb.amazonaws.com": "AWSServiceRoleForDynamoDBReplication",
    "reports.backup.amazonaws.com": "AWSServiceRoleForBackupReports",
    "restore-testing.backup.amazonaws.com": "AWSServiceRoleForBackupRestoreTesting",
}
"""Service → role, where IAM's rule does not give it: AWS documents each name."""


@dataclass(frozen=True)
class Use:
    """A call that needs a service's role; `when` looks at the call's members."""

    service: str
    when: Callable[[Mapping[str, Any]], bool] = lambda _: True

    def role_arn(self, account: str) -> str:
        return f"arn:{_PARTITION}:iam::{account}:role/aws-service-role/{self.service}/{NAMES[self.service]}"


def _scales_table(given: Mapping[str, Any]) -> bool:
    return given.get("ServiceNamespace") == "dynamodb"


def _adds_replica(given: Mapping[str, Any]) -> bool:
    return any("Create" in update for update in given.get("ReplicaUpdates") or [])


def _many_regions(given: Mapping[str, Any]) -> bool:
    return str(given.get("MultiRegion", "")).lower() == "true"


_BALANCING = Use("elasticloadbalancing.amazonaws.com")
_RDS = Use("rds.amazonaws.com")
_REPORTS = Use("reports.backup.amazonaws.com")
_TESTING = Use("restore-testing.backup.amazonaws.com")
_BACKUP = Use("backup.amazonaws.com")
_SCALING = Use("autoscaling.amazonaws.com")
_CACHE = Use("elasticache.amazonaws.com")
USES: dict[tuple[str, str], tuple[Use, ...]] = {
    ("application-autoscaling", "RegisterScalableTarget"): (
        Use("dynamodb.application-autoscaling.amazonaws.com", _scales_table),
    ),
    ("autoscaling", "CreateAutoScalingGroup"): (_SCALING,),
    ("backup", "CreateBackupSelection"): (_BACKUP,),
    ("backup", "CreateFramework"): (_REPORTS,),
    ("backup", "CreateReportPlan"): (_REPORTS,),
    ("backup", "CreateRestoreTestingSelection"): (_TESTING,),
    ("backup", "StartBackupJob"): (_BACKUP,),
    ("dynamodb", "CreateGlobalTable"): (Use("replication.dynamodb.amazonaws.com"),),
    ("dynamodb", "EnableKinesisStreamingDestination"): (Use("kinesisreplication.dynamodb.amazonaws.com"),),
    ("dynamodb", "UpdateTable"): (Use("replication.dynamodb.amazonaws.com", _adds_replica),),
    ("elasticache", "CreateCacheCluster"): (_CACHE,),
    ("elasticache", "CreateReplicationGroup"): (_CACHE,),
    ("elasticbeanstalk", "CreateEnvironment"): (Use("elasticbeanstalk.amazonaws.com"), _SCALING, _BALANCING),
    ("elasticloadbalancing", "CreateLoadBalancer"): (_BALANCING,),
    ("kms", "CreateKey"): (Use("mrk.kms.amazonaws.com", _many_regions),),
    ("kms", "ReplicateKey"): (Use("mrk.kms.amazonaws.com"),),
    ("rds", "CreateDBCluster"): (_RDS,),
    ("rds", "CreateDBInstance"): (_RDS,),
    ("rds", "CreateDBInstanceReadReplica"): (_RDS,),
    ("rds", "RestoreDBInstanceFromDBSnapshot"): (_RDS,),
    ("rds", "RestoreDBInstanceToPointInTime"): (_RDS,),
}
"""(name the request is signed with, operation) → roles that its first use makes."""


def exists(account: str, service: str) -> bool:
    return NAMES[service] in {role.name for role in list(iam_backends[account][_PARTITION].roles.values())}


def make(account: str, service: str) -> None:
    """Make a service's role, unless another thread just has."""
    if not exists(account, service):
        iam_backends[account][_PARTITION].create_service_linked_role(service, "", "")


def made(role: Any, clock: Clock) -> None:
    """A role was made now. The moment is one to leap to: nobody waits for it in real time."""
    role.__dict__[_SEEN_AT] = clock.now() + UNSEEN
    clock.call_after(UNSEEN, lambda: None)


def seen(account: str, arn: str, clock: Clock) -> bool:
    """Whether a policy may name a service-linked role as its principal: it is there, and not since a moment ago."""
    for role in list(iam_backends[account][_PARTITION].roles.values()):
        if role.arn == arn:
            seen_at = role.__dict__.get(_SEEN_AT)
            return seen_at is None or bool(clock.now() >= seen_at)
    return False
