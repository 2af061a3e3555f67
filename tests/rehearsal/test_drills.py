"""Drills in one deployed world: the scenario as it is rehearsed, a drill that is ended from outside, the checks of the data, and
what the status then says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console

from rehearsal.bank.generator import generate
from rehearsal.options import Options
from rehearsal.scenarios import SCENARIOS, Context, World
from rehearsal.scenarios.base import wait_for
from rehearsal.scenarios.client import recovery
from rehearsal.scenarios.people import Duty
from rehearsal.session import deploy_and_load, prepared
from strategy.catalogue import names
from strategy.catalogue.drill_steps import WORKFLOW, Purpose
from strategy.catalogue.routes import Route
from strategy.contracts.requests.drills import integrity_route, proofs_for
from tests.assemblies import deployable, dr_template
from tools.permissions.calls import refused
from tools.permissions.grants import grants

pytestmark = pytest.mark.extended

SEED = 11


@dataclass
class Bank:
    context: Context
    world: World

    @property
    def region(self) -> str:
        return self.context.primary

    def client(self, service: str) -> Any:
        return self.context.cloud.client(service, self.region)

    def start(self, name: str, **asked: str) -> str:
        strategy = self.context.strategy
        machine = names.state_machine_arn(strategy.prefix, WORKFLOW, self.region, strategy.account)
        answer = self.client("stepfunctions").start_execution(stateMachineArn=machine, name=name, input=json.dumps(asked))
        return str(answer["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Its answer, once it is over."""
        states = self.client("stepfunctions")

        def over() -> bool:
            self.context.cloud.clock.raise_errors()
            return bool(states.describe_execution(executionArn=execution)["status"] != "RUNNING")

        wait_for(over, what=execution)
        found: dict[str, Any] = states.describe_execution(executionArn=execution)
        return found

    def records(self, folder: str) -> dict[str, dict[str, Any]]:
        strategy, s3 = self.context.strategy, self.client("s3")
        bucket = names.evidence_bucket(strategy.prefix, self.region, strategy.account)
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=f"{folder}/").get("Contents", [])]
        return {key: json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys}

    def stores(self) -> set[str]:
        instances = {each["DBInstanceIdentifier"] for each in self.client("rds").describe_db_instances()["DBInstances"]}
        return instances | set(self.client("dynamodb").list_tables()["TableNames"])


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Deployed, loaded with a branch of the bank, and rehearsed: what the scenario did is judged by the first test."""
    folder = tmp_path_factory.mktemp("drills")
    with (
        (folder / "progress.log").open("w") as log,
        prepared(Options("dev", seed=SEED, output=folder / "rehearsal"), Console(file=log)) as context,
    ):
        world = deploy_and_load(context, bank=generate(SEED).branch(300, 100), assembly=deployable("dev"))
        context.result.add(SCENARIOS["drill"](context, world))
        yield Bank(context, world)


@pytest.mark.proves("calendar.quarterly-drills", "verification.drills")
def test_every_route_is_drilled_and_damage_is_noticed_and_no_live_store_is_touched(bank: Bank) -> None:
    (outcome,) = bank.context.result.scenarios
    assert (outcome.findings, outcome.verified) == ([], True)
    found = bank.records(names.DRILLS)
    assert sorted(each["route"] for each in found.values() if each["outcome"] == "passed") == sorted(Route)
    (failed,) = (each for each in found.values() if each["outcome"] != "passed")
    assert failed["verification"]["verdict"] == "failed"
    assert failed["teardown"]["proven"] is True


def test_the_failed_drill_was_told_and_the_passed_ones_were_not(bank: Bank) -> None:
    prefix, calls = bank.context.strategy.prefix, bank.context.cloud.gateway.callers
    told = {
        caller.removeprefix(f"{prefix}-"): times for (caller, _, _, operation), times in calls.items() if operation == "Publish"
    }
    assert {caller: times for caller, times in told.items() if caller in {WORKFLOW, *Route}} == {WORKFLOW: 1}


@pytest.mark.proves("verification.drill-teardown")
def test_a_drill_that_is_ended_from_outside_leaves_nothing_once_it_is_cleaned_up(bank: Bank) -> None:
    before, states = bank.stores(), bank.client("stepfunctions")
    drill = bank.start("d0000stop", route=Route.MYSQL_TO_A_MOMENT, store="mysql")
    wait_for(lambda: bank.stores() != before, what="the restore to begin")
    (made,) = bank.stores() - before
    states.stop_execution(executionArn=drill, error="Stopped", cause="by hand")
    assert bank.ended(drill)["status"] == "ABORTED"
    assert made in bank.stores(), "nobody tore it down"
    answer = bank.ended(bank.start("d0000clean", clean=drill))  # what the rule on its status starts
    assert answer["status"] == "FAILED"
    assert bank.stores() == before
    record = next(each for each in bank.records(names.DRILLS).values() if each["teardown"]["made"] == made)
    assert (record["outcome"], record["teardown"]["proven"]) == ("failed", True)
    assert f"{drill} was ended from outside" in record["problem"]
    route = names.state_machine_arn(
        bank.context.strategy.prefix, Route.MYSQL_TO_A_MOMENT, bank.region, bank.context.strategy.account
    )
    runs = states.list_executions(stateMachineArn=route)["executions"]
    assert {each["status"] for each in runs if each["name"].startswith(record["plan_id"])} == {"ABORTED"}


@pytest.mark.proves("verification.drill-teardown")
def test_a_teardown_that_cannot_be_proven_is_told(bank: Bank) -> None:
    """Something else took the marks away: what is not certainly the drill's stays, and people hear of it."""
    before, rds = bank.stores(), bank.client("rds")

    def unmark(_region: str, function: str, payload: Any) -> None:
        if function.endswith("drill-tear-down"):
            rds.remove_tags_from_resource(ResourceName=payload["plan"]["target"]["arn"], TagKeys=[names.DRILL_TAG])

    bank.context.cloud.before_invoke.append(unmark)
    try:
        answer = bank.ended(bank.start("d0000mark", route=Route.MYSQL_TO_A_MOMENT, store="mysql"))
    finally:
        bank.context.cloud.before_invoke.remove(unmark)
    (left,) = bank.stores() - before
    assert answer["status"] == "FAILED"
    assert "does not bear the marks of a drill" in answer["cause"]
    record = next(each for each in bank.records(names.DRILLS).values() if each["teardown"]["made"] == left)
    assert (record["outcome"], record["teardown"]["proven"]) == ("failed", False)
    assert record["verification"]["verdict"] == "passed"
    assert f"recovery cleanup {record['plan_id']}" in record["next"]
    rds.add_tags_to_resource(
        ResourceName=names.store_arn("mysql", bank.region, bank.context.strategy.account, left),
        Tags=[{"Key": names.DRILL_TAG, "Value": "true"}],
    )
    assert recovery(bank.context, "cleanup", record["plan_id"], "--yes").code == 0
    assert bank.stores() == before


@pytest.mark.proves("verification.integrity")
def test_the_data_of_each_store_is_checked_to_the_second_of_its_newest_manifest(bank: Bank) -> None:
    before = bank.stores()
    asked = {each.name: str(integrity_route(each)) for each in bank.context.strategy.stores}
    runs = [bank.start(f"i-{store}", route=route, store=store, purpose=str(Purpose.INTEGRITY)) for store, route in asked.items()]
    assert [bank.ended(each)["status"] for each in runs] == ["SUCCEEDED"] * len(runs)
    found = bank.records(names.INTEGRITY)
    assert {each["store"]: each["outcome"] for each in found.values()} == dict.fromkeys(asked, "passed")
    mysql = next(each for each in found.values() if each["store"] == "mysql")
    assert "explained by" not in mysql["verification"]["summary"], "all of it is equal, and nothing has to be explained"
    assert bank.stores() == before


@pytest.mark.proves("calendar.monthly-integrity", "verification.drills")
def test_what_is_unproved_is_counted_and_shown(bank: Bank) -> None:
    """The newest drill of the damaged route failed, and so did one that was ended; the others are proved."""
    strategy = bank.context.strategy
    name = names.function(strategy.prefix, "proofs")
    payload = json.dumps(proofs_for(strategy, bank.region).to_json()).encode()
    answer = json.loads(bank.client("lambda").invoke(FunctionName=name, Payload=payload)["Payload"].read())
    assert (answer["RoutesUnproved"], answer["IntegrityOverdue"]) == (2, 0)
    shown = recovery(bank.context, "status", "--json", duty=Duty.VIEWER)
    status = json.loads(shown.said)
    assert (shown.code, status["kept"]) == (0, True), "what is unproved breaks no promise of data"
    states = {(each["route"], each["store"]): each["proved"] for each in status["proofs"]}
    unproved = {each for each, proved in states.items() if not proved}
    assert unproved == {(Route.MYSQL_FROM_RECOVERY_POINT, "mysql"), (Route.MYSQL_TO_A_MOMENT, "mysql")}
    page = recovery(bank.context, "status", duty=Duty.VIEWER).said
    assert page.count("UNPROVED") == 2


def test_every_call_was_allowed(bank: Bank) -> None:
    strategy = bank.context.strategy
    granted = grants(dr_template(strategy, bank.region))
    made = {call: times for call, times in bank.context.cloud.gateway.callers.items() if call[1] in {bank.region, "us-east-1"}}
    callers = {caller.removeprefix(f"{strategy.prefix}-") for caller, *_ in made}
    assert callers >= {"drill", "drill-plan", "drill-exercise", "drill-mark", "drill-tear-down", "drill-record", "proofs"}
    assert refused(granted, made) == []
