"""Drills: scheduled for every route, isolated from every service, torn down whatever happens, and able to delete nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonata
import pytest

from dr_stack.workflow.steps import EVERY, SETTLES, WITHIN
from strategy.catalogue import names as naming
from strategy.catalogue.drill_steps import LATECOMERS, WORKFLOW, Purpose
from strategy.catalogue.routes import Route
from strategy.contracts.requests.drills import drilled, integrity_route, proofs_for
from tests.stacks.assembly import Assembly, text
from tests.stacks.states import State, catches_all, evaluate, states, strings

EVENTS_IN_A_HISTORY, EVENTS_IN_A_POLL = 25_000, 9
NOT_FOUND = {"Rds.DbInstanceNotFoundException", "DynamoDb.ResourceNotFoundException"}


@pytest.fixture(scope="session")
def machine(assembly: Assembly, primary: str) -> State:
    name = naming.state_machine(assembly.strategy.prefix, WORKFLOW)
    (found,) = (
        each
        for _, each in assembly.resources("AWS::StepFunctions::StateMachine", region=primary)
        if each["Properties"]["StateMachineName"] == name
    )
    parsed: State = json.loads(text(found["Properties"]["DefinitionString"]))
    return parsed


def rules(assembly: Assembly, region: str) -> list[dict[str, Any]]:
    """Properties of the rules whose target is the drill's workflow."""
    name = naming.state_machine(assembly.strategy.prefix, WORKFLOW)
    resources = assembly.template("dr", region)["Resources"]
    (machine,) = (key for key, each in resources.items() if each.get("Properties", {}).get("StateMachineName") == name)
    found = (each["Properties"] for each in resources.values() if each["Type"] == "AWS::Events::Rule")
    return [each for each in found if each["Targets"][0]["Arn"] == {"Ref": machine}]


def asked(assembly: Assembly, region: str, schedule: str) -> list[dict[str, Any]]:
    found = [each for each in rules(assembly, region) if each.get("ScheduleExpression") == schedule]
    return [json.loads(each["Targets"][0]["Input"]) for each in found]


# ---------------------------------------------------------------------- when
@pytest.mark.proves("calendar.quarterly-drills", "verification.drills")
def test_every_documented_route_of_every_store_is_drilled_each_quarter(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        strategy = assembly.strategy
        here = asked(assembly, strategy.regions.primary, strategy.drills.schedule)
        wanted = {(store.name, str(route)) for store in strategy.stores for route in Route if route.kind == store.kind}
        assert {(each["store"], each["route"]) for each in here} == wanted
        there = {(each["store"], each["route"]) for each in asked(assembly, strategy.regions.recovery, strategy.drills.schedule)}
        assert there == {(store.name, str(route)) for store, route in drilled(strategy, strategy.regions.recovery)}
        assert {store for store, route in there if Route(route).to_a_moment is False} == {each.name for each in strategy.stores}


@pytest.mark.proves("calendar.monthly-integrity", "verification.integrity")
def test_the_data_of_every_store_is_checked_each_month_where_it_lives(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        strategy = assembly.strategy
        found = asked(assembly, strategy.regions.primary, strategy.drills.integrity)
        wanted = {(each.name, str(integrity_route(each))) for each in strategy.stores}
        assert {(each["store"], each["route"]) for each in found} == wanted
        assert {each["purpose"] for each in found} == {str(Purpose.INTEGRITY)}
        assert asked(assembly, strategy.regions.recovery, strategy.drills.integrity) == []


def test_a_drill_that_was_ended_from_outside_is_cleaned_up_by_another(assembly: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        (rule,) = (each for each in rules(assembly, region) if "EventPattern" in each)
        (target,) = rule["Targets"]
        assert rule["EventPattern"]["detail"] == {"stateMachineArn": [target["Arn"]], "status": ["ABORTED", "TIMED_OUT"]}
        assert rule["EventPattern"]["detail-type"] == ["Step Functions Execution Status Change"]
        assert target["InputTransformer"]["InputPathsMap"] == {"detail-executionArn": "$.detail.executionArn"}
        assert target["InputTransformer"]["InputTemplate"] == '{"clean":<detail-executionArn>}'


def test_what_is_unproved_is_counted_each_day(assembly: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        resources = assembly.template("dr", region)["Resources"].values()
        inputs = [each["Properties"]["Targets"][0].get("Input", "") for each in resources if each["Type"] == "AWS::Events::Rule"]
        asked = proofs_for(assembly.strategy, region).to_json()
        assert asked in [json.loads(each) for each in inputs if isinstance(each, str) and each]


# ---------------------------------------------------------------------- where
@pytest.mark.proves("verification.drills")
def test_no_service_can_reach_what_a_drill_restores(environments: dict[str, Assembly]) -> None:
    """Its group lets in the functions that verify, alone, and lets nothing out; its subnets hold nothing else."""
    for assembly in environments.values():
        for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
            resources = assembly.template("standby", region)["Resources"]
            (drills,) = (
                key for key, each in resources.items() if "DrillAccess" in key and each["Type"].endswith("SecurityGroup")
            )
            (functions,) = (
                key for key, each in resources.items() if "FunctionAccess" in key and each["Type"].endswith("SecurityGroup")
            )
            group = {"Fn::GetAtt": [drills, "GroupId"]}
            ingress = [
                each["Properties"]
                for each in resources.values()
                if each["Type"] == "AWS::EC2::SecurityGroupIngress" and each["Properties"]["GroupId"] == group
            ]
            assert [(each["SourceSecurityGroupId"], each["FromPort"], each["ToPort"]) for each in ingress] == [
                ({"Fn::GetAtt": [functions, "GroupId"]}, 3306, 3306)
            ]
            assert "SecurityGroupIngress" not in resources[drills]["Properties"]
            (nowhere,) = resources[drills]["Properties"]["SecurityGroupEgress"]
            assert nowhere["CidrIp"] == "255.255.255.255/32"  # how the CDK says: nothing
            outward = [
                each["Properties"]["GroupId"]
                for each in resources.values()
                if each["Type"] == "AWS::EC2::SecurityGroupEgress"
                and each["Properties"].get("DestinationSecurityGroupId") == group
            ]
            assert outward == [{"Fn::GetAtt": [functions, "GroupId"]}]


def test_drills_have_subnets_of_their_own_with_no_way_out(assembly: Assembly, primary: str) -> None:
    resources = assembly.template("standby", primary)["Resources"]
    named = {
        each["Properties"]["DBSubnetGroupName"]: each["Properties"]["SubnetIds"] for each in of(resources, "RDS::DBSubnetGroup")
    }
    prefix = assembly.strategy.prefix
    own = {json.dumps(each) for each in named[naming.drill_subnet_group(prefix)]}
    assert own
    assert not own & {json.dumps(each) for each in named[naming.subnet_group(prefix)]}
    tables = {
        json.dumps(each["Properties"]["RouteTableId"])
        for each in of(resources, "EC2::SubnetRouteTableAssociation")
        if json.dumps(each["Properties"]["SubnetId"]) in own
    }
    assert len(tables) == len(own)
    routes = [each for each in of(resources, "EC2::Route") if json.dumps(each["Properties"]["RouteTableId"]) in tables]
    assert routes == []
    gates = [
        json.dumps(table) for each in of(resources, "EC2::VPCEndpoint") for table in each["Properties"].get("RouteTableIds", [])
    ]
    assert gates
    assert not tables & set(gates)


def of(resources: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in resources.values() if each["Type"] == f"AWS::{kind}"]


# ---------------------------------------------------------------------- who may delete
@pytest.mark.proves("verification.drill-teardown")
def test_only_one_function_may_delete_and_only_what_bears_a_drills_mark(assembly: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        deleting, tagging = set[str](), set[str]()
        for caller, statement in granted(assembly, region):
            actions = set(listed(statement["Action"]))
            if actions & {"rds:DeleteDBInstance", "dynamodb:DeleteTable"}:
                deleting.add(caller)
                assert statement["Condition"] == {"StringEquals": {f"aws:ResourceTag/{naming.DRILL_TAG}": "true"}}
                assert all(each.endswith("-r????????") for each in listed(statement["Resource"]))
            if actions & {"rds:AddTagsToResource", "dynamodb:TagResource"}:
                tagging.add(caller)
        assert {each for each in deleting if each != "operator"} == {naming.function(assembly.strategy.prefix, "drill-tear-down")}
        assert not deleting & tagging


def granted(assembly: Assembly, region: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Statements of the functions' roles, by function."""
    resources = assembly.template("dr", region)["Resources"]
    names = {
        each["Properties"]["Role"]["Fn::GetAtt"][0]: str(each["Properties"].get("FunctionName", key))
        for key, each in resources.items()
        if each["Type"] == "AWS::Lambda::Function"
    }
    for each in of(resources, "IAM::Policy"):
        for role in each["Properties"]["Roles"]:
            yield from (
                (names.get(role["Ref"], role["Ref"]), statement)
                for statement in each["Properties"]["PolicyDocument"]["Statement"]
            )


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# ---------------------------------------------------------------------- how it ends
def test_whatever_ends_the_exercise_it_is_torn_down_and_recorded(machine: State) -> None:
    exercise, tear_down = (
        machine["States"][name]
        for name in ("Restore and verify beside the live store: within", "Tear down what the drill made: within")
    )
    for state, following in ((exercise, "Tear down what the drill made: within"), (tear_down, "Keep the record")):
        (catch,) = state["Catch"]
        assert (state["Next"], catch["Next"], catch["ErrorEquals"]) == (following, following, ["States.ALL"])
    (planned,) = machine["States"]["Plan the drill"]["Catch"]
    assert planned["Next"] == "Keep the record"
    record = machine["States"]["Keep the record"]
    assert [each["Next"] for each in record["Catch"]] == ["Tell the people"]


@pytest.mark.proves("verification.drill-teardown")
def test_only_not_found_counts_as_gone(machine: State) -> None:
    """Of all states only a look may lead to `gone`, and only by that one error; any other error leads to `not proven`."""
    looks = {
        name: state
        for name, state, _ in states(machine)
        if state["Type"] == "Task" and ":aws-sdk:" in text(state["Resource"]) and "gone" in name
    }
    assert len(looks) == 2
    assert {tuple(state["Catch"][0]["ErrorEquals"]) for state in looks.values()} == {(each,) for each in NOT_FOUND}
    for state in looks.values():
        gone, other = state["Catch"]
        assert gone["Next"] == "See that it is gone: gone"
        assert (other["ErrorEquals"], other["Next"]) == (["States.ALL"], "See that it is gone: not proven")
        assert not NOT_FOUND & {error for retry in state["Retry"] for error in retry["ErrorEquals"]}
    ways = [
        (name, key) for name, state, _ in states(machine) for key, value in leads(state) if value == "See that it is gone: gone"
    ]
    assert sorted(ways) == sorted((name, "Catch") for name in looks)
    outputs = {name: state.get("Output", {}) for name, state, _ in states(machine)}
    proven = {name for name, output in outputs.items() if isinstance(output, dict) and output.get("proven") is True}
    assert proven == {"See that it is gone: gone"}


def leads(state: State) -> Iterator[tuple[str, str]]:
    """Where a state leads, and by what."""
    yield "Next", state.get("Next", "")
    yield "Default", state.get("Default", "")
    for key in ("Choices", "Catch"):
        yield from ((key, each["Next"]) for each in state.get(key, []))


def test_a_restore_that_still_runs_is_ended_and_its_last_call_awaited(machine: State) -> None:
    found = {name: state for name, state, _ in states(machine)}
    assert found["End a restore that still runs: let its last call end"]["Seconds"] == LATECOMERS.total_seconds()
    functions = 4 * 60  # the timeout of a restore's functions, `dr_stack/restore/functions.py`
    assert functions < LATECOMERS.total_seconds()


def test_every_task_ends_is_tried_again_and_is_caught(machine: State) -> None:
    for name, task, caught in states(machine):
        if task["Type"] == "Task":
            assert task["TimeoutSeconds"] > 0, name
            assert all(retry["MaxAttempts"] > 0 for retry in task["Retry"]), name
            assert catches_all(task) or caught, name
    polls = WITHIN // EVERY + 3 * (SETTLES // EVERY)
    assert polls * EVENTS_IN_A_POLL < EVENTS_IN_A_HISTORY
    assert machine["TimeoutSeconds"] > 60 * polls


def test_every_expression_can_be_read(machine: State) -> None:
    found = [each for _, state, _ in states(machine) for each in strings({**state, "Branches": []}) if each.startswith("{%")]
    assert len(found) > 30
    for expression in found:
        jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))


def test_nobody_is_told_of_a_drill_that_passed_or_of_a_drills_own_restore(
    assembly: Assembly, machine: State, primary: str
) -> None:
    end = machine["States"]["How did it end?"]
    (passed,) = end["Choices"]
    assert evaluate(passed["Condition"], record={"outcome": "passed"}) is True
    assert evaluate(passed["Condition"], record={"outcome": "not-checked"}) is False
    assert (machine["States"][passed["Next"]]["Type"], end["Default"]) == ("Succeed", "Tell the people")
    for _, each in assembly.resources("AWS::StepFunctions::StateMachine", region=primary):
        if each["Properties"]["StateMachineName"] == naming.state_machine(assembly.strategy.prefix, Route.MYSQL_TO_A_MOMENT):
            route = json.loads(text(each["Properties"]["DefinitionString"]))
            quiet = route["States"]["Is it a drill's?"]
            (condition,) = quiet["Choices"]
            assert [evaluate(condition["Condition"], record=record) for record in ({"drill": True}, {"drill": False}, {})] == [
                True,
                False,
                False,
            ]
            assert (condition["Next"], quiet["Default"]) == ("How did it end?", "Tell the people")
