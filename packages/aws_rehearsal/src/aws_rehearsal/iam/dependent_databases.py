"""What RDS does in its caller's name: with keys, secrets and final snapshots.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
"""

from __future__ import annotations

from collections.abc import Iterator

from aws_rehearsal.iam.call import Call, region_of
from aws_rehearsal.iam.call_resources import source_of_restore
from aws_rehearsal.iam.dependent_keys import Rule, resolved, via
from aws_rehearsal.iam.need import Need

KEYS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"
SECRET = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html"


def _made(call: Call) -> Iterator[Need]:
    """The key of what is made: the request's, or that of what it is made of, which must be in the same region."""
    key = resolved(call, "KmsKeyId")
    if not key and not call.get("KmsKeyId"):
        source = source_of_restore(call)
        found = call.lookup.key(source) if source else ""
        key = found if not found or region_of(found) == call.region else ""
    yield from via(call, ("CreateGrant", "DescribeKey"), key, KEYS)


def _replicated(call: Call) -> Iterator[Need]:
    """The key of the copies, here; the source's region needs nothing of the caller."""
    yield from via(call, ("CreateGrant", "DescribeKey"), resolved(call, "KmsKeyId"), KEYS)


def _performance(call: Call) -> Iterator[Need]:
    yield from via(call, ("CreateGrant", "DescribeKey"), resolved(call, "PerformanceInsightsKMSKeyId"), KEYS)


def _master_secret(call: Call) -> Iterator[Need]:
    """Where RDS keeps the master user's password: it makes the secret for the caller, under a name that begins with `rds!`."""
    if not call.get("ManageMasterUserPassword"):
        return
    arn = call.arn("secret:rds!*", prefix="secretsmanager")
    yield Need("secretsmanager:CreateSecret", (arn,), {}, SECRET)
    yield Need("secretsmanager:TagResource", (arn,), {}, SECRET)
    actions = ("CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKey")
    yield from via(call, actions, resolved(call, "MasterUserSecretKmsKeyId"), SECRET, service="secretsmanager")


def _final_snapshot(member: str) -> Rule:
    def rule(call: Call) -> Iterator[Need]:
        if name := call.text(member):
            arns = (call.arn(f"db:{call.text('DBInstanceIdentifier').lower()}"), call.arn(f"snapshot:{name.lower()}"))
            yield Need("rds:CreateDBSnapshot", arns, {}, REFERENCE)

    return rule


RULES: dict[str, tuple[Rule, ...]] = {
    "rds:CopyDBSnapshot": (_made,),
    "rds:CreateDBInstance": (_made, _performance, _master_secret),
    "rds:CreateDBInstanceReadReplica": (_made, _performance),
    "rds:DeleteDBInstance": (_final_snapshot("FinalDBSnapshotIdentifier"),),
    "rds:ModifyDBInstance": (_performance, _master_secret),
    "rds:RestoreDBInstanceFromDBSnapshot": (_made, _master_secret),
    "rds:RestoreDBInstanceFromS3": (_made, _performance, _master_secret),
    "rds:RestoreDBInstanceToPointInTime": (_made, _master_secret),
    "rds:StartDBInstanceAutomatedBackupsReplication": (_replicated,),
    "rds:StopDBInstance": (_final_snapshot("DBSnapshotIdentifier"),),
}
