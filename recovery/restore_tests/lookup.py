"""What a restore test restored: of which store, where it is, and which manifest it must equal.

The verifier signs in to MySQL with an IAM token. AWS's documents disagree on whether a restored instance has IAM sign-in on, and
the tests ask for it; where it is off all the same it is switched on here, on the test's own instance, which AWS will delete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.evidence import bucket
from strategy.catalogue import names, store_states
from strategy.catalogue.store_states import Course
from strategy.contracts.restore_tests import DatabaseUnderTest, FindAnswer, StoresUnderTest, TableUnderTest

READY, NOT_YET, FAILED, UNKNOWN, ANSWERED = "ready", "not-yet", "failed", "unknown", "answered"
_DECIDED = frozenset({"SUCCESSFUL", "FAILED", "TIMED_OUT"})
_BADLY = frozenset({"FAILED", "ABORTED"})

Clients = Callable[[str], Any]


def find(job_id: str, wanted: StoresUnderTest, client: Clients) -> FindAnswer:
    """`state` and `because`, the `job` for the record; of a known store its `store` and `kind`, and when READY its `verify`:
    the event of the verifying function.
    """
    backup = client("backup")
    job = backup.describe_restore_job(RestoreJobId=job_id)
    store = store_of(job, wanted)
    name = store.name if store else ""
    found: dict[str, Any] = {"store": name, "kind": store.kind if store else "", "job": described(job)}

    def state(is_now: str, because: str = "") -> FindAnswer:
        return FindAnswer(**found, state=is_now, because=because)

    if job.get("ValidationStatus") in _DECIDED:
        return state(ANSWERED, f"the result is {job['ValidationStatus']}")
    if job["Status"] in _BADLY:
        return state(FAILED, f"AWS Backup could not restore it: {job.get('StatusMessage') or job['Status']}")
    if store is None:
        return state(UNKNOWN, f"{job.get('SourceResourceArn')} is no store of the strategy: nothing says what it must hold")
    if job["Status"] != "COMPLETED":
        return state(NOT_YET, f"the restore job is {job['Status']}")
    is_now, because, place = _place(store, job, client)
    if is_now != READY:
        return state(is_now, because)
    moment = _began(backup, job)
    found["data_of"] = moment.isoformat()
    found["verify"] = {
        "store": name,
        "bucket": wanted.bucket,
        "manifest_key": bucket.nearest_manifest(client("s3"), wanted.bucket, name, moment),
        "moment": moment.isoformat(),
        **place,
    }
    return state(READY)


def store_of(job: Mapping[str, Any], wanted: StoresUnderTest) -> DatabaseUnderTest | TableUnderTest | None:
    """By the name of what was backed up: a copy is known by its source, which is in the other region."""
    name = names.base(re.split("[:/]", job.get("SourceResourceArn", ""))[-1])
    return next((store for store in wanted.stores if store.physical == name), None)


def described(job: Mapping[str, Any]) -> dict[str, Any]:
    """What the record keeps of a restore job. Times are ISO, in UTC."""
    completed = job.get("CompletionDate")
    return {
        "id": job["RestoreJobId"],
        "recovery_point": job["RecoveryPointArn"],
        "vault": job.get("BackupVaultArn", "").rpartition(":")[2],
        "source": job.get("SourceResourceArn", ""),
        "restored": job.get("CreatedResourceArn", ""),
        "started": _text_with_offset(job["CreationDate"]),
        "completed": _text_with_offset(completed) if completed else "",
        "seconds": round((completed - job["CreationDate"]).total_seconds()) if completed else 0,
        "status": job["Status"],
    }


def _place(store: DatabaseUnderTest | TableUnderTest, job: Mapping[str, Any], client: Clients) -> tuple[str, str, dict[str, Any]]:
    """READY, and where the verifier looks; or what it is instead, and because of what."""
    name = re.split("[:/]", job["CreatedResourceArn"])[-1]
    if isinstance(store, TableUnderTest):
        return READY, "", {"table": name, "written_at": store.written_at}
    rds = client("rds")
    instance: Any = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    status, now = instance["DBInstanceStatus"], store_states.of("mysql", instance["DBInstanceStatus"])
    if now.stuck:
        return FAILED, f"AWS Backup restored it, and it cannot be used: {name} is {status}", {}
    if now.course is not Course.OPERATIONAL:
        return NOT_YET, store_states.said("mysql", name, status), {}
    if not instance.get("IAMDatabaseAuthenticationEnabled"):
        if "IAMDatabaseAuthenticationEnabled" not in instance.get("PendingModifiedValues", {}):
            rds.modify_db_instance(DBInstanceIdentifier=name, EnableIAMDatabaseAuthentication=True, ApplyImmediately=True)
        return NOT_YET, f"{name} is given IAM sign-in", {}
    endpoint, changes = instance["Endpoint"], {table: each.to_json() for table, each in store.changes.items()}
    return READY, "", {"host": endpoint["Address"], "port": endpoint["Port"], "changes": changes}


def _began(backup: Any, job: Mapping[str, Any]) -> datetime:
    """When the backup began, as restores reckon it: not when a copy arrived. The job's own word when the point is gone since."""
    vault = job["BackupVaultArn"].rpartition(":")[2]
    moment: datetime = job["RecoveryPointCreationDate"]
    try:
        point = backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=job["RecoveryPointArn"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    else:
        moment = point.get("InitiationDate") or point["CreationDate"]
    return moment.astimezone(UTC)


def _text_with_offset(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
