"""The routes: that no state can hang or go uncaught, that a history holds them, and what their record says however they end."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonata
import pytest

from components.tasks import CAUGHT
from dr_stack.restore import outcome as journal
from dr_stack.workflow.record import FAILED, RECOVERED, VERIFICATION_FAILED
from dr_stack.workflow.steps import EVERY, SETTLES, WITHIN
from recovery.verify import dynamodb_slices, mysql_slices
from strategy.catalogue import names as naming
from strategy.catalogue.routes import Mode, Route, Step, modes, step_of, steps
from strategy.catalogue.store_states import STATES, UNKNOWN_FOR, Course, of
from tests.stacks.assembly import Assembly, text
from tests.stacks.states import State, catches_all, evaluate, states, strings

EVENTS_IN_A_HISTORY = 25_000
EVENTS_IN_A_POLL = 9
PLAN = {
    "plan_id": "r0123abcd",
    "route": "mysql-to-a-moment",
    "mode": "switch",
    "store": "mysql",
    "source": {"name": "bank-mysql", "arn": "a"},
    "target": {"name": "bank-mysql-r0123abcd", "arn": "b"},
    "moment": "2026-11-02T09:13:06Z",
    "recovery_point": None,
    "accept_unverified": None,
}


@pytest.fixture(scope="session")
def machines(assembly: Assembly) -> dict[tuple[Route, str], State]:
    """Every route's definition in each region."""
    names = {naming.state_machine(assembly.strategy.prefix, route): route for route in Route}
    found = {}
    for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
        for _, each in assembly.resources("AWS::StepFunctions::StateMachine", region=region):
            if route := names.get(each["Properties"]["StateMachineName"]):
                found[route, region] = json.loads(text(each["Properties"]["DefinitionString"]))
    return found


def test_each_route_stands_in_both_regions(machines: dict[tuple[Route, str], State], primary: str, recovery: str) -> None:
    assert set(machines) == {(route, region) for route in Route for region in (primary, recovery)}


def test_a_table_that_was_just_made_may_be_described_a_little_later(machines: dict[tuple[Route, str], State]) -> None:
    """DescribeTable is eventually consistent after a restore was begun: not to know the table is no failure yet."""
    for (route, _), machine in machines.items():
        for name, state, _ in states(machine):
            if route.kind == "dynamodb" and state.get("Resource", "").endswith(":dynamodb:describeTable"):
                (retry,) = (each for each in state["Retry"] if "DynamoDb.ResourceNotFoundException" in each["ErrorEquals"])
                assert retry["IntervalSeconds"] * retry["MaxAttempts"] >= 60, name
                break
        else:
            assert route.kind != "dynamodb", f"{route} never looks at its table"


def looked_at(machine: State, status: str, polls: int = 1, unknown: int = 0) -> tuple[str, dict[str, Any]]:
    """Where a look at the store leads, and what it assigns. `unknown`: looks in a row, with this one, at a state of no table."""
    found = {name: state for name, state, _ in states(machine)}
    look, ready = (found[f"{Step.RESTORE}: {name}"] for name in ("look at the store", "is it there?"))
    counted = evaluate(look["Assign"]["polls_unknown"], polls_unknown=unknown - 1, states=_described(status))
    given = {"status": status, "polls_restore": polls, "polls_unknown": counted, "plan": PLAN}
    for choice in ready["Choices"]:
        if evaluate(choice["Condition"], **given):
            return choice["Next"], {name: evaluate(each, **given) for name, each in choice.get("Assign", {}).items()}
    return ready["Default"], {}


def _described(status: str) -> dict[str, Any]:
    return {"result": {"Table": {"TableStatus": status}, "DbInstances": [{"DbInstanceStatus": status}]}}


WAITS = f"{Step.RESTORE}: wait"
ENDS = "Sum up"


@pytest.mark.parametrize("route", Route)
def test_each_state_of_a_store_is_used_waited_for_or_told(
    machines: dict[tuple[Route, str], State], primary: str, route: Route
) -> None:
    """What never ends well by waiting ends the attempt at once, in one line that says what to do."""
    for status, state in STATES[route.kind].items():
        leads, assigned = looked_at(machines[route, primary], status)
        if state.course is Course.OPERATIONAL:
            assert leads not in {WAITS, ENDS}, status
        elif state.course is Course.PASSES:
            assert leads == WAITS, status
            leads, assigned = looked_at(machines[route, primary], status, polls=WITHIN // EVERY)
            assert (leads, assigned["problem"].endswith(status)) == (ENDS, True)
        else:
            assert (leads, assigned["failed_step"]) == (ENDS, Step.RESTORE), status
            assert assigned["problem"] == f"bank-mysql-r0123abcd is {status}: {state.then}"


@pytest.mark.parametrize("route", Route)
def test_a_state_that_no_table_knows_is_waited_for_but_not_for_long(
    machines: dict[tuple[Route, str], State], primary: str, route: Route
) -> None:
    longest = UNKNOWN_FOR // EVERY
    assert looked_at(machines[route, primary], "levitating", unknown=longest - 1) == (WAITS, {})
    leads, assigned = looked_at(machines[route, primary], "levitating", unknown=longest)
    assert leads == ENDS
    assert assigned["problem"] == f"bank-mysql-r0123abcd is levitating: {of(route.kind, 'levitating').then}"
    known = "creating" if route.kind == "mysql" else "CREATING"
    assert looked_at(machines[route, primary], known, unknown=longest) == (WAITS, {}), "counted anew"


@pytest.mark.proves("region-loss.verification-time")
def test_the_verification_ends_within_the_time_that_is_promised_for_it(
    assembly: Assembly, machines: dict[tuple[Route, str], State]
) -> None:
    """In one call, or in pieces that are read at the same time: what is not read by then is not checked, and named."""
    promised = assembly.strategy.durations.verification.takes.total_seconds()
    for machine in machines.values():
        tasks = {name: state for name, state, _ in states(machine) if name.startswith(Step.VERIFY) and state["Type"] == "Task"}
        assert set(tasks) == {Step.VERIFY, f"{Step.VERIFY}: in which pieces", f"{Step.VERIFY}: one piece"}
        assert 0 < sum(task["TimeoutSeconds"] for task in tasks.values()) <= promised
        for task in tasks.values():
            assert not {"States.Timeout", "States.ALL", "States.TaskFailed"} & {
                error for retry in task["Retry"] for error in retry["ErrorEquals"]
            }


def test_no_piece_waits_for_another(machines: dict[tuple[Route, str], State]) -> None:
    for machine in machines.values():
        pieces = {name: state for name, state, _ in states(machine)}[f"{Step.VERIFY}: pieces"]
        assert pieces["MaxConcurrency"] >= max(mysql_slices.SIZES.most, dynamodb_slices.SIZES.most)
        assert pieces["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        assert not {"ToleratedFailureCount", "ToleratedFailurePercentage"} & pieces.keys(), "there is no half measurement"


def test_a_piece_is_handed_what_it_needs(machines: dict[tuple[Route, str], State]) -> None:
    """An execution of its own sees no variable of the one that started it; without dealing it would be judged as a whole."""
    for machine in machines.values():
        found = {name: state for name, state, _ in states(machine)}
        pieces, piece, whole = (found[f"{Step.VERIFY}{name}"] for name in (": pieces", ": one piece", ""))
        payload = piece["Arguments"]["Payload"]
        assert (
            set(payload)
            == set(pieces["ItemSelector"])
            == set(whole["Arguments"]["Payload"]) - {"measured"} | {"piece", "seconds"}
        )
        assert all(value == f"{{% $states.input.{name} %}}" for name, value in payload.items())
        assert pieces["ItemSelector"]["seconds"] == piece["TimeoutSeconds"]


def test_every_task_ends_is_tried_again_and_is_caught(machines: dict[tuple[Route, str], State]) -> None:
    for machine in machines.values():
        assert machine["TimeoutSeconds"] > WITHIN.total_seconds() * 2
        tasks = [(name, state, caught) for name, state, caught in states(machine) if state["Type"] == "Task"]
        for name, task, caught in tasks:
            assert task["TimeoutSeconds"] > 0, name
            assert task["Retry"], name
            for retry in task["Retry"]:
                assert retry["MaxAttempts"] > 0, name
                assert not {"States.ALL", "States.TaskFailed"} & set(retry["ErrorEquals"]), name
            assert catches_all(task) or caught, name


def test_a_failing_step_is_named(machines: dict[tuple[Route, str], State]) -> None:
    """Every task inside the plan's path ends the attempt itself, with its step's title: nobody has to read a history for it."""
    for machine in machines.values():
        path = machine["States"]["Follow the plan"]["Branches"][0]
        for name, state, caught in states(path):
            if state["Type"] not in {"Task", "Map"} or (caught and "Catch" not in state):
                continue
            (catch,) = state["Catch"]
            assert catch["Next"] == "Sum up", name
            assert Step(catch["Assign"]["failed_step"]) is step_of(name), name


def test_the_steps_are_those_that_people_are_shown(machines: dict[tuple[Route, str], State]) -> None:
    for (route, _), machine in machines.items():
        named = {step for name, _, _ in states(machine) if (step := step_of(name))}
        assert named == {step for mode in modes(route) for step in steps(route, mode)}


def test_polls_wait_and_fit_into_one_history(machines: dict[tuple[Route, str], State]) -> None:
    for machine in machines.values():
        waits = [state for _, state, _ in states(machine) if state["Type"] == "Wait"]
        assert waits
        assert {wait["Seconds"] for wait in waits} == {EVERY.total_seconds()}
    longest = 2 * (WITHIN // EVERY) + 3 * (SETTLES // EVERY)  # job and store; settings, passwords, proof
    assert longest * EVENTS_IN_A_POLL < EVENTS_IN_A_HISTORY


_HARMLESS = {
    "cloudwatch:DeleteAlarms",  # of Application Auto Scaling, on a table that the plan made
    "dynamodb:DeleteItem",  # what a point-in-time restore does in its caller's name, in the new table
    "ec2:DeleteNetworkInterface",  # a function's own, in the VPC
    "logs:DeleteLogDelivery",  # a workflow's own
    "states:StopExecution",  # a workflow's own pieces
}


def test_nothing_is_ever_deleted_or_unprotected(assembly: Assembly, machines: dict[tuple[Route, str], State]) -> None:
    for machine in machines.values():
        assert not re.search(r"aws-sdk:\w+:delete", json.dumps(machine))
    for where, policy in assembly.resources("AWS::IAM::Policy", kind="dr"):
        if "/Drills" in where:  # `test_drills.py` says what a drill may take away
            continue
        if "ActivationRole" in where:  # `test_grants.py` says what CloudFormation may take back of the standby's
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            deleting = {action for action in actions if re.search(r":(Delete|Terminate|Stop)", action)}
            assert deleting <= _HARMLESS, where


def test_every_expression_can_be_read(machines: dict[tuple[Route, str], State]) -> None:
    for machine in machines.values():
        found = [each for _, state, _ in states(machine) for each in strings({**state, "Branches": []}) if each.startswith("{%")]
        assert len(found) > 50
        for expression in found:
            jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))


PASSED = {"verdict": "passed", "summary": "all equal"}
DIFFERS = {"verdict": "failed", "summary": "1 row"}
UNKNOWN = {"verdict": "not_checked", "summary": "no manifest"}
ACCEPTED = {"accept_unverified": "the manifest is lost"}


@pytest.mark.proves("restore.resume")
@pytest.mark.parametrize(
    ("plan", "variables", "expected"),
    [
        ({}, {"verification": PASSED, "target_made": True}, (RECOVERED, "", "recovery adopt r0123abcd --env dev")),
        ({"mode": "beside"}, {"verification": PASSED}, (RECOVERED, "", "stands beside the old one")),
        ({"mode": "repair"}, {"verification": PASSED}, (RECOVERED, "", "live table has the restored values")),
        ({}, {"verification": DIFFERS}, (VERIFICATION_FAILED, "1 row", "is not used")),
        (ACCEPTED, {"verification": DIFFERS}, (VERIFICATION_FAILED, "1 row", "is not used")),
        ({}, {"verification": UNKNOWN}, (VERIFICATION_FAILED, "no manifest", "--accept-unverified")),
        (ACCEPTED, {"verification": UNKNOWN}, (RECOVERED, "no manifest", "recovery adopt")),
        (
            {},
            {"failed_step": Step.PROVE.value, "problem": "not done", "verification": PASSED},
            (FAILED, f"{Step.PROVE}: not done", "python -m recovery resume r0123abcd --env dev --region here"),
        ),
        ({}, {"failed_step": Step.CLAIM.value, "problem": "held"}, (FAILED, f"{Step.CLAIM}: held", "recovery cleanup r0123abcd")),
    ],
)
def test_the_record_says_how_it_ended_and_what_is_next(
    assembly: Assembly, plan: dict[str, Any], variables: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    said = record(assembly, PLAN | plan, variables)
    outcome, problem, following = expected
    assert (said["outcome"], said["problem"]) == (outcome, problem)
    assert following in said["next"]
    assert said["data_of"] == PLAN["moment"]


def test_the_record_says_what_exists(assembly: Assembly) -> None:
    assert record(assembly, PLAN, {})["exists"] == "nothing was made; bank-mysql was not deleted"
    far = {"target_made": True, "fence": {"fenced": True}, "switch": {"now": "x"}, "verification": PASSED}
    assert record(assembly, PLAN, far)["exists"] == (
        "bank-mysql-r0123abcd exists; writers to bank-mysql are stopped; the endpoint names bank-mysql-r0123abcd; "
        "bank-mysql was not deleted"
    )


def test_each_mode_and_each_failure_has_its_next_step() -> None:
    texts = journal._next(" --env dev")
    for key in (*Mode, FAILED, VERIFICATION_FAILED):
        assert f'"{key}"' in texts


def record(assembly: Assembly, plan: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
    strategy = assembly.strategy
    context = {"context": {"Execution": {"Id": "arn", "Name": "r0123abcd-1"}}}
    known = {**journal.beginning(), **variables, "plan": plan, "states": context, "started": "2026-11-02T09:20:00Z"}
    return {
        key: evaluate(value, **{name: each for name, each in known.items() if not name.startswith("its_")})
        for key, value in journal.of_attempt(strategy, "here").items()
    }


@pytest.mark.parametrize(
    ("caught", "said"),
    [
        ({"Error": "PlanRefused", "Cause": '{"errorMessage": "the name is taken", "stackTrace": ["…"]}'}, "the name is taken"),
        ({"Error": "Rds.RdsException", "Cause": "Rate exceeded"}, "Rate exceeded"),
        ({"Error": "States.Timeout"}, "no cause given"),
        ({"Error": "Odd", "Cause": "{}"}, "{}"),
    ],
)
def test_a_caught_error_is_one_line_without_its_stack(caught: dict[str, str], said: str) -> None:
    compiled = jsonata.Jsonata(CAUGHT)
    compiled.assign("states", {"errorOutput": caught})
    compiled.register_lambda("parse", json.loads)
    assert compiled.evaluate({}) == f"{caught['Error']}: {said}"
