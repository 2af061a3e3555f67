"""Every status that AWS documents can be brought about, refuses what it must, and ends as it is said to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.session import get_session

from aws_rehearsal import STATES, Cloud, Ends
from aws_rehearsal.faults.states import ITEM_OPERATIONS
from aws_support.backup_bench import HERE, ROLE, TABLE_ARN, THERE, make_table, make_vaults, until_over
from aws_support.fault_bench import Bench, Call, gone, pass_time
from aws_support.rds import refused


def enumeration(service: str, shape: str) -> set[str]:
    found: Any = get_session().get_service_model(service).shape_for(shape)
    return set(found.enum)


ENUMERATIONS: Mapping[str, tuple[str, str]] = {
    "table": ("dynamodb", "TableStatus"),
    "index": ("dynamodb", "IndexStatus"),
    "replica": ("dynamodb", "ReplicaStatus"),
    "table-backup": ("dynamodb", "BackupStatus"),
    "time-to-live": ("dynamodb", "TimeToLiveStatus"),
    "encryption": ("dynamodb", "SSEStatus"),
    "stream": ("dynamodbstreams", "StreamStatus"),
    "continuous-backups": ("dynamodb", "ContinuousBackupsStatus"),
    "backup-job": ("backup", "BackupJobState"),
    "copy-job": ("backup", "CopyJobState"),
    "restore-job": ("backup", "RestoreJobStatus"),
    "recovery-point": ("backup", "RecoveryPointStatus"),
    "vault": ("backup", "VaultState"),
}


@pytest.mark.parametrize("kind", ENUMERATIONS)
def test_every_status_of_the_service_models_is_in_the_table(kind: str) -> None:
    assert set(STATES[kind]) == enumeration(*ENUMERATIONS[kind])


@pytest.mark.parametrize("kind", STATES)
def test_the_table_leads_from_each_status_to_another_of_it(kind: str) -> None:
    for status, state in STATES[kind].items():
        assert not state.then or state.then in STATES[kind], status
        assert (state.lasts is not None) or state.ends is not Ends.ITSELF, status
        assert bool(state.by) is (state.ends is Ends.BY_CALL), status


# ---------------------------------------------------------------------- tables
ITEM = {"client": {"S": "CLT-1"}, "at": {"S": "2026-11-02T00:00:01"}}


@pytest.fixture
def tables(cloud: Cloud) -> Cloud:
    """The table `audit`, protected from nothing, with an index, a stream and a replica."""
    dynamodb = cloud.client("dynamodb", HERE)
    index = {"IndexName": "AgentIndex", "KeySchema": [{"AttributeName": "agent", "KeyType": "HASH"}]}
    dynamodb.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "client", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("client", "at", "agent")],
        GlobalSecondaryIndexes=[index | {"Projection": {"ProjectionType": "ALL"}}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    dynamodb.put_item(TableName="audit", Item=ITEM)
    dynamodb.update_table(TableName="audit", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    pass_time(cloud, timedelta(minutes=1))
    return cloud


def table(cloud: Cloud, kind: str) -> Bench:
    client, of_table = cloud.client("dynamodb", HERE), {"TableName": "audit"}
    statement = "SELECT * FROM \"audit\" WHERE client='CLT-1'"
    by_index = {"IndexName": "AgentIndex"} if kind == "index" else {}
    asked = {"KeyConditionExpression": "#k = :v", "ExpressionAttributeValues": {":v": {"S": "a"}}}
    asked |= {"ExpressionAttributeNames": {"#k": "agent" if by_index else "client"}}
    calls: dict[str, Call] = {
        "BatchExecuteStatement": lambda: client.batch_execute_statement(Statements=[{"Statement": statement}]),
        "BatchGetItem": lambda: client.batch_get_item(RequestItems={"audit": {"Keys": [ITEM]}}),
        "BatchWriteItem": lambda: client.batch_write_item(RequestItems={"audit": [{"PutRequest": {"Item": ITEM}}]}),
        "DeleteItem": lambda: client.delete_item(Key=ITEM, **of_table),
        "ExecuteStatement": lambda: client.execute_statement(Statement=statement),
        "ExecuteTransaction": lambda: client.execute_transaction(TransactStatements=[{"Statement": statement}]),
        "GetItem": lambda: client.get_item(Key=ITEM, **of_table),
        "PutItem": lambda: client.put_item(Item=ITEM, **of_table),
        "Query": lambda: client.query(**of_table, **by_index, **asked),
        "Scan": lambda: client.scan(**of_table, **by_index),
        "TransactGetItems": lambda: client.transact_get_items(TransactItems=[{"Get": {"Key": ITEM, **of_table}}]),
        "TransactWriteItems": lambda: client.transact_write_items(TransactItems=[{"Put": {"Item": ITEM, **of_table}}]),
        "UpdateItem": lambda: client.update_item(
            Key=ITEM, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "1"}}, **of_table
        ),
        "CreateBackup": lambda: client.create_backup(BackupName="now", **of_table),
        "DeleteTable": lambda: client.delete_table(**of_table),
        "UpdateTable": lambda: client.update_table(ReplicaUpdates=[{"Delete": {"RegionName": THERE}}], **of_table),
        "UpdateTimeToLive": lambda: client.update_time_to_live(
            TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}, **of_table
        ),
        "UpdateContinuousBackups": lambda: client.update_continuous_backups(
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}, **of_table
        ),
    }
    assert set(ITEM_OPERATIONS) <= set(calls)
    name = {"index": "audit/AgentIndex", "replica": f"audit/{THERE}"}.get(kind, "audit")
    return Bench(cloud, kind, name, lambda: _said(cloud, kind), calls)


def _said(cloud: Cloud, kind: str) -> str | None:
    client, of_table = cloud.client("dynamodb", HERE), {"TableName": "audit"}
    if kind == "time-to-live":
        return str(client.describe_time_to_live(**of_table)["TimeToLiveDescription"]["TimeToLiveStatus"])
    if kind == "continuous-backups":
        return str(client.describe_continuous_backups(**of_table)["ContinuousBackupsDescription"]["ContinuousBackupsStatus"])
    described = (gone(lambda: client.describe_table(**of_table)) or {}).get("Table")
    if described is None:
        return None
    if kind == "stream":
        streams = cloud.client("dynamodbstreams", HERE)
        return str(streams.describe_stream(StreamArn=described["LatestStreamArn"])["StreamDescription"]["StreamStatus"])
    members = {"index": ("GlobalSecondaryIndexes", "IndexStatus"), "replica": ("Replicas", "ReplicaStatus")}
    if kind in members:
        many, one = members[kind]
        return next((each[one] for each in described.get(many, [])), None)
    return str(described["SSEDescription"]["Status"] if kind == "encryption" else described["TableStatus"])


OF_TABLES = ("table", "index", "replica", "time-to-live", "encryption", "stream", "continuous-backups")


@pytest.mark.parametrize(("kind", "status"), [(kind, status) for kind in OF_TABLES for status in STATES[kind]])
def test_a_table_and_what_belongs_to_it_is_in_each_status(tables: Cloud, kind: str, status: str) -> None:
    bench = table(tables, kind)
    if kind == "encryption":
        key = tables.client("kms", HERE).create_key()["KeyMetadata"]["Arn"]
        sealed = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        tables.client("dynamodb", HERE).update_table(TableName="audit", SSESpecification=sealed)
    before = bench.status()
    bench.put(status)
    tables.faults.end(kind, bench.name, region=HERE)
    assert bench.status() == (before if kind != "time-to-live" or status not in {"ENABLED", "DISABLED"} else status)
    bench.check(status)


ALL_BUT_PARTIQL = [each for each in ITEM_OPERATIONS if "Execute" not in each]
"""moto's PartiQL answers 500 to a key of two attributes."""


@pytest.mark.parametrize("status", ["UPDATING", "DELETING", "REPLICATION_NOT_AUTHORIZED"])
def test_items_go_on_where_aws_says_so(tables: Cloud, status: str) -> None:
    bench = table(tables, "table")
    assert bench.put(status).serves
    for operation in ALL_BUT_PARTIQL:
        bench.calls[operation]()


def test_the_table_goes_on_while_an_index_is_made(tables: Cloud) -> None:
    table(tables, "index").put("CREATING")
    of_table = table(tables, "table")
    for operation in ALL_BUT_PARTIQL:
        of_table.calls[operation]()


def test_a_table_that_is_being_deleted_may_be_deleted_again(tables: Cloud) -> None:
    bench = table(tables, "table")
    bench.put("DELETING")
    bench.calls["DeleteTable"]()


@pytest.mark.parametrize("status", STATES["table-backup"])
def test_an_on_demand_backup_is_in_each_status(tables: Cloud, status: str) -> None:
    client = tables.client("dynamodb", HERE)
    arn = client.create_backup(TableName="audit", BackupName="once")["BackupDetails"]["BackupArn"]

    def now() -> str | None:
        found = gone(lambda: client.describe_backup(BackupArn=arn))
        return found and str(found["BackupDescription"]["BackupDetails"]["BackupStatus"])

    calls: dict[str, Call] = {
        "DeleteBackup": lambda: client.delete_backup(BackupArn=arn),
        "RestoreTableFromBackup": lambda: client.restore_table_from_backup(BackupArn=arn, TargetTableName="again"),
    }
    Bench(tables, "table-backup", arn, now, calls).check(status)


# ---------------------------------------------------------------------- AWS Backup
def job(cloud: Cloud, kind: str) -> Bench:
    """A job that was started this moment; the clock must be held, or it would be over."""
    backup = cloud.client("backup", HERE)
    if kind == "backup-job":
        name = backup.start_backup_job(BackupVaultName="vault", IamRoleArn=ROLE, ResourceArn=TABLE_ARN)["BackupJobId"]
        describe: Call = lambda: backup.describe_backup_job(BackupJobId=name)["State"]  # noqa: E731
    elif kind == "copy-job":
        to = f"arn:aws:backup:{THERE}:{ROLE.split(':')[4]}:backup-vault:copies"
        given: dict[str, Any] = {
            "RecoveryPointArn": point(cloud),
            "SourceBackupVaultName": "vault",
            "DestinationBackupVaultArn": to,
        }
        name = backup.start_copy_job(IamRoleArn=ROLE, **given)["CopyJobId"]
        describe = lambda: backup.describe_copy_job(CopyJobId=name)["CopyJob"]["State"]  # noqa: E731
    else:
        into = {"targetTableName": "again", "encryptionType": "Default"}
        given = {"RecoveryPointArn": point(cloud), "Metadata": into}
        name = backup.start_restore_job(IamRoleArn=ROLE, **given)["RestoreJobId"]
        describe = lambda: backup.describe_restore_job(RestoreJobId=name)["Status"]  # noqa: E731
    return Bench(cloud, kind, name, describe, {"StopBackupJob": lambda: backup.stop_backup_job(BackupJobId=name)})


def point(cloud: Cloud) -> str:
    found = cloud.client("backup", HERE).list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    return str(found[0]["RecoveryPointArn"])


@pytest.fixture
def backups(cloud: Cloud) -> Cloud:
    """A table with one recovery point."""
    make_vaults(cloud)
    make_table(cloud, items=3)
    backup = cloud.client("backup", HERE)
    first = backup.start_backup_job(BackupVaultName="vault", IamRoleArn=ROLE, ResourceArn=TABLE_ARN)["BackupJobId"]
    until_over(cloud, lambda: backup.describe_backup_job(BackupJobId=first))
    return cloud


JOBS = [(kind, status) for kind in ("backup-job", "copy-job", "restore-job") for status in STATES[kind]]


@pytest.mark.parametrize(("kind", "status"), JOBS)
def test_a_job_is_in_each_state_and_goes_on(backups: Cloud, kind: str, status: str) -> None:
    state = STATES[kind][status]
    with backups.gateway.working():  # a busy cloud does not leap
        bench = job(backups, kind)
        began = backups.clock.now()
        if status == "COMPLETED":
            backups.faults.put(kind, bench.name, status, region=HERE)
        else:
            bench.put(status)
        for operation, code in state.refuses.items() if status != "COMPLETED" else ():
            refused(code, bench.calls[operation])
    if state.lasts is not None:
        pass_time(backups, state.lasts / 2)
        now = bench.status()  # as soon as the cloud is quiet, the clock may leap over the end of the state
        assert now == status or backups.clock.now() - began >= state.lasts, "nothing else moves it meanwhile"
    pass_time(backups, timedelta(hours=12))
    assert bench.status() == ("ABORTED" if status == "ABORTING" else "COMPLETED" if state.then else status)
    if not state.then:
        with pytest.raises(ValueError, match="a job that is over"):
            backups.faults.put(kind, bench.name, "RUNNING", region=HERE)


@pytest.mark.parametrize("status", STATES["recovery-point"])
def test_a_recovery_point_is_in_each_status(backups: Cloud, status: str) -> None:
    backup, arn = backups.client("backup", HERE), point(backups)
    named = {"BackupVaultName": "vault", "RecoveryPointArn": arn}
    to = f"arn:aws:backup:{THERE}:{ROLE.split(':')[4]}:backup-vault:copies"

    def now() -> str | None:
        found = gone(lambda: backup.describe_recovery_point(**named))
        return found and str(found["Status"])

    calls: dict[str, Call] = {
        "DeleteRecoveryPoint": lambda: backup.delete_recovery_point(**named),
        "StartCopyJob": lambda: backup.start_copy_job(
            RecoveryPointArn=arn, SourceBackupVaultName="vault", DestinationBackupVaultArn=to, IamRoleArn=ROLE
        ),
        "StartRestoreJob": lambda: backup.start_restore_job(RecoveryPointArn=arn, Metadata={}, IamRoleArn=ROLE),
    }
    bench = Bench(backups, "recovery-point", arn, now, calls)
    bench.check(status)
    if STATES["recovery-point"][status].by:
        calls["DeleteRecoveryPoint"]()
        assert now() is None


@pytest.mark.parametrize("status", STATES["vault"])
def test_a_vault_is_in_each_state(backups: Cloud, status: str) -> None:
    backup = backups.client("backup", HERE)
    backup.create_backup_vault(BackupVaultName="another")
    given = {"BackupVaultName": "another", "IamRoleArn": ROLE, "ResourceArn": TABLE_ARN}

    def now() -> str | None:
        found = gone(lambda: backup.describe_backup_vault(BackupVaultName="another"))
        return found and str(found["VaultState"])

    bench = Bench(backups, "vault", "another", now, {"StartBackupJob": lambda: backup.start_backup_job(**given)})
    bench.check(status)
    if STATES["vault"][status].by:
        backup.delete_backup_vault(BackupVaultName="another")
        assert now() is None


# ---------------------------------------------------------------------- what there is not
def test_what_aws_does_not_have_is_not_brought_about(cloud: Cloud) -> None:
    for kind, status in (("instance", "levitating"), ("spaceship", "available"), ("table", "available")):
        with pytest.raises(ValueError, match="there is no such status"):
            cloud.faults.put(kind, "bank", status, region=HERE)
    make_table(cloud, items=0)
    for kind, name, status in (
        ("instance", "nobody", "failed"),
        ("table", "nobody", "UPDATING"),
        ("index", "audit/None", "CREATING"),
        ("replica", f"audit/{THERE}", "UPDATING"),
        ("table", "audit", "REPLICATION_NOT_AUTHORIZED"),
        ("table-backup", "arn:none", "CREATING"),
        ("vault", "nobody", "FAILED"),
        ("backup-job", "none", "FAILED"),
    ):
        with pytest.raises(LookupError):
            cloud.faults.put(kind, name, status, region=HERE)
