"""AWS Backup's restore tests in the deployed environment, in both regions: each is answered by the content of what was restored.

One world for all; each test lets the tests of a region come due once more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from aws_support.targets import open_queue
from components.stores import physical_name
from recovery.evidence.bucket import newest_manifest
from recovery.verify import dynamodb
from recovery.verify.signature import trusted
from rehearsal.bank.generator import generate
from rehearsal.options import Options
from rehearsal.scenarios import Context, World
from rehearsal.scenarios.backup import backed_up
from rehearsal.scenarios.base import wait_for
from rehearsal.session import deploy_and_load, prepared
from strategy.catalogue import names as naming
from strategy.catalogue.restore_test_names import ANSWER, WATCH
from strategy.contracts.requests import heartbeat
from tests.assemblies import deployable, dr_template
from tools.permissions.calls import idle, refused
from tools.permissions.grants import grants

pytestmark = pytest.mark.extended

SEED = 7
STORES = {"mysql", "audit-logs"}
MINUTE = timedelta(minutes=1)


@dataclass
class Bank:
    context: Context
    world: World

    @property
    def prefix(self) -> str:
        return self.context.strategy.prefix

    def client(self, service: str, region: str) -> Any:
        return self.context.cloud.client(service, region)

    def due(self, region: str) -> datetime:
        """The region's tests come due now, in place of once a quarter; returns when."""
        clock = self.context.cloud.clock
        moment = clock.now().replace(second=0, microsecond=0) + 2 * MINUTE
        schedule = f"cron({moment.minute} {moment.hour} {moment.day} {moment.month} ? {moment.year})"
        name = naming.restore_testing_plan(self.prefix)
        self.client("backup", region).update_restore_testing_plan(
            RestoreTestingPlanName=name, RestoreTestingPlan={"ScheduleExpression": schedule}
        )
        clock.advance_to(moment + timedelta(seconds=1))
        return moment

    def jobs(self, region: str, since: datetime) -> dict[str, dict[str, Any]]:
        """The restore jobs that tests started, by store."""
        listed = self.client("backup", region).list_restore_jobs(ByCreatedAfter=since - MINUTE)["RestoreJobs"]
        kinds = {"RDS": "mysql", "DynamoDB": "audit-logs"}
        return {kinds[each["ResourceType"]]: each for each in listed if each.get("CreatedBy")}

    def records(self, region: str, since: datetime) -> dict[str, dict[str, Any]]:
        """By store."""
        s3, bucket = (
            self.client("s3", region),
            naming.evidence_bucket(self.prefix, region, self.context.strategy.account),
        )
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{naming.RESTORE_TESTS}/").get("Contents", [])
        found = [json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()) for each in listed]
        return {each["store"]: each for each in found if datetime.fromisoformat(each["at"]) >= since}

    def answered(self, region: str) -> dict[str, dict[str, Any]]:
        """The records of the tests that come due now, one of each store, once each is there and was told."""
        since = self.due(region)
        machine = naming.state_machine_arn(self.prefix, ANSWER, region, self.context.strategy.account)
        states = self.client("stepfunctions", region)

        def over() -> bool:
            running = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
            return not running and self.records(region, since).keys() == STORES

        wait_for(over, what="the answers to the restore tests")
        return self.records(region, since)

    def ended(self, workflow: str, region: str, start: Callable[[], str]) -> dict[str, Any]:
        arn = start()
        states = self.client("stepfunctions", region)
        wait_for(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING", what=workflow)
        answer: dict[str, Any] = states.describe_execution(executionArn=arn)
        return answer

    def watched(self, region: str, since: datetime) -> dict[str, Any]:
        """The watch over the tests of `since`, ended. Its start window passes in it."""
        machine = naming.state_machine_arn(self.prefix, WATCH, region, self.context.strategy.account)
        event = json.dumps({"time": since.strftime("%Y-%m-%dT%H:%M:%SZ")})

        def start() -> str:
            states = self.client("stepfunctions", region)
            return str(states.start_execution(stateMachineArn=machine, input=event)["executionArn"])

        return self.ended(WATCH, region, start)

    def told(self, region: str) -> list[dict[str, Any]]:
        """What the alert topic sent since it was last asked."""
        sqs, found = self.client("sqs", region), list[dict[str, Any]]()
        while got := sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="people")["QueueUrl"]).get("Messages"):
            for each in got:
                found.append(json.loads(each["Body"]))
                sqs.delete_message(
                    QueueUrl=sqs.get_queue_url(QueueName="people")["QueueUrl"], ReceiptHandle=each["ReceiptHandle"]
                )
        return found

    @contextmanager
    def before(self, function: str, region: str, act: Callable[[Any], None]) -> Iterator[None]:
        """`act` on the function's event, each time it is about to run."""
        name, hooks = naming.function(self.prefix, function), self.context.cloud.before_invoke

        def notice(where: str, called: str, event: Any) -> None:
            if (where, called) == (region, name):
                act(event)

        hooks.append(notice)
        try:
            yield
        finally:
            hooks.remove(notice)

    @contextmanager
    def in_pieces(self, region: str, *functions: str, rows: int) -> Iterator[None]:
        """The functions find any store too large that holds more than two pieces of so many rows."""
        lambdas = self.client("lambda", region)
        names = [naming.function(self.prefix, each) for each in functions]
        none: Any = {"Variables": {}}
        was = {name: lambdas.get_function_configuration(FunctionName=name).get("Environment", none) for name in names}
        for name, environment in was.items():
            small = {"Variables": environment["Variables"] | {"PIECE_ROWS": str(rows)}}
            lambdas.update_function_configuration(FunctionName=name, Environment=small)
        try:
            yield
        finally:
            for name, environment in was.items():
                lambdas.update_function_configuration(FunctionName=name, Environment=environment)

    def measured(self, region: str) -> dict[str, int]:
        """How many pieces of each store lie in the evidence bucket."""
        bucket = naming.evidence_bucket(self.prefix, region, self.context.strategy.account)
        listed = self.client("s3", region).list_objects_v2(Bucket=bucket, Prefix=f"{naming.MEASUREMENTS}/").get("Contents", [])
        return Counter(each["Key"].split("/")[1] for each in listed)

    def tested(self, region: str) -> list[str]:
        """What restore tests made and nobody deleted yet."""
        instances = self.client("rds", region).describe_db_instances()["DBInstances"]
        names = [each["DBInstanceIdentifier"] for each in instances] + self.client("dynamodb", region).list_tables()["TableNames"]
        return [name for name in names if name.startswith(naming.TESTED)]

    def sql(self, region: str, event: Any, statement: str) -> None:
        """In the instance that a verification is about to read."""
        instances = self.client("rds", region).describe_db_instances()["DBInstances"]
        (name,) = (
            each["DBInstanceIdentifier"]
            for each in instances
            if (each["Endpoint"]["Address"], each["Endpoint"]["Port"]) == (event["host"], event["port"])
        )
        with self.world.stores.mysql(region, name) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            connection.commit()


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Deployed, loaded with a branch of the bank, backed up and copied; people listen."""
    folder = tmp_path_factory.mktemp("restore-tests")
    options = Options("dev", seed=SEED, output=folder / "rehearsal")
    with (folder / "progress.log").open("w") as log, prepared(options, Console(file=log)) as context:
        world = deploy_and_load(context, bank=generate(SEED).branch(300, 100), assembly=deployable("dev"))
        strategy = context.strategy
        beat(context)
        backed_up(context, world)
        for region in (context.primary, context.recovery):
            open_queue(context.cloud, "people", region)
            context.cloud.client("sns", region).subscribe(
                TopicArn=naming.alert_topic_arn(strategy.prefix, region, strategy.account),
                Protocol="sqs",
                Endpoint=f"arn:aws:sqs:{region}:{strategy.account}:people",
            )
        yield Bank(context, world)


def beat(context: Context) -> None:
    """A heartbeat of each store, as each minute of the primary region has one."""
    answer = context.cloud.client("lambda", context.primary).invoke(
        FunctionName=naming.function(context.strategy.prefix, "write-heartbeats"),
        Payload=json.dumps(heartbeat.request_for(context.strategy, context.primary).to_json()).encode(),
    )
    said = json.loads(answer["Payload"].read())
    assert said == dict.fromkeys(STORES, ""), said


@pytest.mark.proves("verification.heartbeat")
def test_the_newest_heartbeat_restored_says_since_when_writes_are_lost(bank: Bank) -> None:
    """A test restores the last backup: what was written after its newest heartbeat would be lost."""
    backup = bank.world.backup
    assert backup is not None
    beat(bank.context)  # after the backup: it is not in what comes back
    for record in bank.answered(bank.context.primary).values():
        lost_since = datetime.fromisoformat(record["verification"]["lost_since"])
        assert abs(backup - lost_since) < timedelta(minutes=1), "the one that was written as the backup began, and none since"
        assert {each["level"]: each["verdict"] for each in record["verification"]["levels"]}["freshness"] == "passed"


@pytest.mark.proves("verification.restore-test-deadline", "verification.restore-test-verdict")
def test_a_good_restore_is_passed_by_its_content_in_each_region_and_then_deleted(bank: Bank) -> None:
    for region in (bank.context.primary, bank.context.recovery):
        records = bank.answered(region)
        for store, record in records.items():
            assert (record["outcome"], record["problem"], record["stamped"]) == ("passed", "", "SUCCESSFUL"), record
            assert {each["level"]: each["verdict"] for each in record["verification"]["levels"]}["content"] == "passed", store
        wait_for(lambda: not bank.tested(region), what="the deletion of what was tested")  # noqa: B023  asked at once
        since = min(datetime.fromisoformat(each["job"]["started"]) for each in records.values())
        window = bank.context.strategy.restore_testing.validation_window
        for job in bank.jobs(region, since).values():
            assert (job["ValidationStatus"], job["DeletionStatus"]) == ("SUCCESSFUL", "SUCCESSFUL")
        for record in records.values():
            completed = datetime.fromisoformat(record["job"]["completed"])
            assert datetime.fromisoformat(record["at"]) - completed < window
        assert [each for each in bank.told(region) if "Restore test" in each.get("Subject", "")] == []


@pytest.mark.proves("verification.restore-test-verdict")
def test_a_damaged_restore_is_failed_and_told(bank: Bank) -> None:
    region = bank.context.primary
    cent = "UPDATE crm_transactions.transactions SET amount = amount + 0.01 ORDER BY id LIMIT 1"

    def lose_an_item(event: Any) -> None:
        table = bank.client("dynamodb", region)
        item = table.scan(TableName=event["table"], Limit=1)["Items"][0]
        table.delete_item(TableName=event["table"], Key={name: item[name] for name in ("client_id", "timestamp")})

    with (
        bank.before("verify-mysql", region, lambda event: bank.sql(region, event, cent)),
        bank.before("verify-dynamodb", region, lose_an_item),
    ):
        records = bank.answered(region)
    for record in records.values():
        assert (record["outcome"], record["stamped"]) == ("failed", "FAILED"), record
    since = datetime.fromisoformat(records["mysql"]["job"]["started"])
    jobs = bank.jobs(region, since)
    assert {each["ValidationStatus"] for each in jobs.values()} == {"FAILED"}
    assert "chunks differ" in jobs["mysql"]["ValidationStatusMessage"]
    subjects = [each["Subject"] for each in bank.told(region)]
    assert {f"Restore test of {store} in {region}: failed" for store in STORES} <= set(subjects)


@pytest.mark.proves("region-loss.verification-time")
def test_stores_that_are_too_large_for_one_call_are_judged_piece_by_piece(bank: Bank) -> None:
    """By a Distributed Map, and as sharply: a cent, and an item, are found in whichever piece."""
    region, verifiers = bank.context.primary, ("verify-mysql", "verify-dynamodb")
    assert bank.measured(region) == {}, "nothing here is large"
    cent = "UPDATE crm_transactions.transactions SET amount = amount + 0.01 ORDER BY id DESC LIMIT 1"

    def lose_an_item(event: Any) -> None:
        if event.get("deal"):
            table = bank.client("dynamodb", region)
            item = table.scan(TableName=event["table"], Limit=1)["Items"][0]
            table.delete_item(TableName=event["table"], Key={name: item[name] for name in ("client_id", "timestamp")})

    def lose_a_cent(event: Any) -> None:
        if event.get("deal"):
            bank.sql(region, event, cent)

    with bank.in_pieces(region, *verifiers, rows=30):
        good = bank.answered(region)
        pieces = bank.measured(region)
        assert min(pieces[store] for store in STORES) > 2, pieces
        with bank.before("verify-mysql", region, lose_a_cent), bank.before("verify-dynamodb", region, lose_an_item):
            bad = bank.answered(region)
    assert {store: (each["outcome"], each["stamped"]) for store, each in good.items()} == dict.fromkeys(
        STORES, ("passed", "SUCCESSFUL")
    )
    assert {store: (each["outcome"], each["stamped"]) for store, each in bad.items()} == dict.fromkeys(
        STORES, ("failed", "FAILED")
    )
    assert "1 of" in bad["mysql"]["problem"]
    assert bank.measured(region) == {store: 2 * pieces[store] for store in STORES}
    bank.told(region)


def test_a_manifest_of_a_large_table_is_written_piece_by_piece_and_signed(bank: Bank) -> None:
    region, strategy = bank.context.primary, bank.context.strategy
    machine = naming.state_machine_arn(bank.prefix, naming.MANIFESTS, region, strategy.account)
    states, s3 = bank.client("stepfunctions", region), bank.client("s3", region)
    bucket, before = naming.evidence_bucket(bank.prefix, region, strategy.account), bank.measured(region)

    table = physical_name(strategy, strategy.store("audit-logs"))
    bank.world.application.stop()
    try:
        client = bank.client("dynamodb", region)
        leave = dynamodb.about_to_expire(client, table, bank.context.cloud.clock.now())
        _, whole = dynamodb.measure(client, table, leave=leave)
        with bank.in_pieces(region, "write-manifest", rows=30):
            ended = bank.ended(
                naming.MANIFESTS, region, lambda: str(states.start_execution(stateMachineArn=machine)["executionArn"])
            )
    finally:
        bank.world.application.start()
    assert ended["status"] == "SUCCEEDED", ended
    key = newest_manifest(s3, bucket, "audit-logs", bank.context.cloud.clock.now() + timedelta(seconds=2))
    assert key
    written = trusted(s3, bucket, key, store="audit-logs", kind="dynamodb")
    assert written.until
    assert written.until > written.taken > datetime.fromisoformat(ended["startDate"].isoformat())
    assert written.content == whole
    assert bank.measured(region)["audit-logs"] > before.get("audit-logs", 0) + 2


@pytest.mark.proves("verification.restore-test-verdict")
def test_a_verifier_that_crashes_stamps_nothing_and_is_told(bank: Bank) -> None:
    region = bank.context.recovery
    gone = f"DROP USER IF EXISTS '{naming.VERIFIER}'@'%'"
    with bank.before("verify-mysql", region, lambda event: bank.sql(region, event, gone)):
        records = bank.answered(region)
    record = records["mysql"]
    assert (record["outcome"], record["stamped"], record["verification"]) == ("not-checked", "", {})
    assert "DatabaseUnreachable" in record["problem"]
    assert records["audit-logs"]["outcome"] == "passed"
    since = datetime.fromisoformat(record["job"]["started"])
    assert bank.jobs(region, since)["mysql"]["ValidationStatus"] == "VALIDATING"
    assert f"Restore test of mysql in {region}: not-checked" in [each["Subject"] for each in bank.told(region)]
    assert len(bank.tested(region)) == 1, "what could not be judged is there to be looked at"


@pytest.mark.proves("verification.restore-test-verdict")
def test_without_a_manifest_nothing_is_stamped(bank: Bank) -> None:
    region, strategy = bank.context.recovery, bank.context.strategy
    bucket = naming.evidence_bucket(strategy.prefix, region, strategy.account)
    s3 = bank.client("s3", region)
    kept = {
        each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        for each in s3.list_objects_v2(Bucket=bucket, Prefix=f"{naming.MANIFESTS}/audit-logs/")["Contents"]
    }
    for key in kept:
        s3.delete_object(Bucket=bucket, Key=key)
    try:
        record = bank.answered(region)["audit-logs"]
    finally:
        for key, body in kept.items():
            s3.put_object(Bucket=bucket, Key=key, Body=body)
    assert (record["outcome"], record["stamped"]) == ("not-checked", "")
    assert "no manifest" in record["problem"]


def test_a_manifest_that_was_changed_after_it_was_signed_is_not_believed(bank: Bank) -> None:
    """As the deployed functions signed it, in the other region, and as they read it here."""
    region, strategy = bank.context.recovery, bank.context.strategy
    bucket = naming.evidence_bucket(strategy.prefix, region, strategy.account)
    s3 = bank.client("s3", region)
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{naming.MANIFESTS}/audit-logs/")["Contents"]
    keys = [each["Key"] for each in listed if "signature" not in each["Key"]]
    assert len(listed) == 2 * len(keys), "each is signed"
    kept = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
    for key, body in kept.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body.replace(b'"engine":"DynamoDB"', b'"engine":"dynamodb"'))
    try:
        record = bank.answered(region)["audit-logs"]
    finally:
        for key, body in kept.items():
            s3.put_object(Bucket=bucket, Key=key, Body=body)
    assert (record["outcome"], record["stamped"]) == ("not-checked", "")
    assert "was altered after it was signed" in record["problem"]


@pytest.mark.proves("verification.missing-restore-test")
def test_a_store_without_a_restore_job_is_a_failure_and_an_answer_whose_event_was_lost_is_made_up_for(bank: Bank) -> None:
    """By who watches. The instance comes back without IAM sign-in, as some of AWS's documents say, and is given it."""
    region = bank.context.recovery
    events, backup = bank.client("events", region), bank.client("backup", region)
    (rule,) = (each["Name"] for each in events.list_rules()["Rules"] if "restoreTestingPlanArn" in each.get("EventPattern", ""))
    plan = naming.restore_testing_plan(bank.prefix)
    elsewhere = [naming.store_arn("dynamodb", region, bank.context.strategy.account, "another")]

    def change(selection: str, **properties: Any) -> dict[str, Any]:
        """Returns the selection as it was."""
        name = {"RestoreTestingPlanName": plan, "RestoreTestingSelectionName": selection}
        was: dict[str, Any] = backup.get_restore_testing_selection(**name)["RestoreTestingSelection"]
        backup.update_restore_testing_selection(**name, RestoreTestingSelection=properties)
        return was

    overrides = change("mysql")["RestoreMetadataOverrides"]
    change("mysql", RestoreMetadataOverrides=overrides | {"enableIamDatabaseAuthentication": "false"})
    change("dynamodb", ProtectedResourceArns=elsewhere)
    events.disable_rule(Name=rule)
    try:
        since = bank.due(region)
        watched = bank.watched(region, since)
    finally:
        events.enable_rule(Name=rule)
        change("mysql", RestoreMetadataOverrides=overrides)
        change("dynamodb", ProtectedResourceArns=["*"])
    assert (watched["status"], watched["error"]) == ("FAILED", "NotTested")
    assert watched["cause"].startswith("audit-logs: no restore job in the test window")
    assert ";" not in watched["cause"], "MySQL was tested"
    assert any("not every store was tested" in each["Subject"] for each in bank.told(region))
    records = bank.records(region, since)
    assert {name: each["outcome"] for name, each in records.items()} == {"mysql": "passed", "audit-logs": "failed"}
    job = bank.jobs(region, since)["mysql"]
    assert job["ValidationStatus"] == "SUCCESSFUL"
    assert any(name == "ModifyDBInstance" and where == region for where, _, name in bank.context.cloud.gateway.calls)
    machine = naming.state_machine_arn(bank.prefix, ANSWER, region, bank.context.strategy.account)
    executions = bank.client("stepfunctions", region).list_executions(stateMachineArn=machine)["executions"]
    assert f"restore-test-{job['RestoreJobId']}" in [each["name"] for each in executions]


def test_every_call_of_the_answers_is_granted_and_nothing_else(bank: Bank) -> None:
    """Of those that only restore tests make; `test_runbooks.py` judges the verifiers, which every restore calls."""
    callers = {naming.function(bank.prefix, name) for name in ("find-restore-test", "watch-restore-tests")}
    callers |= {naming.state_machine(bank.prefix, name) for name in (ANSWER, WATCH)}
    granted = [each for each in grants(dr_template(bank.context.strategy, bank.context.recovery)) if each.caller in callers]
    assert {each.caller for each in granted} == callers
    calls = bank.context.cloud.gateway.callers
    assert refused(granted, calls) == []
    absent = "s3:ListBucket"  # reading without it would say forbidden of what is absent
    assert [each for each in idle(granted, calls) if each[1] != absent] == []
