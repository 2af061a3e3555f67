"""recover-region: that no state can hang, that nothing it meets goes unrecorded, and what it says in the end."""

from __future__ import annotations

import json
from typing import Any

import jsonata
import pytest

from dr_stack.workflow import record
from dr_stack.workflow.restore import POLLS
from strategy import naming
from tests.stacks.assembly import Assembly, text
from tests.stacks.states import State, catches_all, evaluate, states, strings

pytestmark = pytest.mark.xdist_group("assembly")

EVENTS_IN_A_HISTORY = 25_000
EVENTS_IN_A_POLL = 9
"""Wait, Task and Choice entered and exited, and the task scheduled, started and succeeded."""


@pytest.fixture(scope="session")
def definition(assembly: Assembly, recovery: str) -> State:
    (machine,) = (
        each
        for _, each in assembly.resources("AWS::StepFunctions::StateMachine")
        if each["Properties"]["StateMachineName"].endswith("-recover-region")
    )
    template = assembly.template("dr", recovery)
    assert machine in template["Resources"].values()
    parsed: State = json.loads(text(machine["Properties"]["DefinitionString"]))
    return parsed


def test_every_task_has_an_end_and_another_try(definition: State) -> None:
    tasks = [(name, state) for name, state, _ in states(definition) if state["Type"] == "Task"]
    assert len(tasks) == 10
    for name, task in tasks:
        assert task["TimeoutSeconds"] > 0, name
        (retry,) = task["Retry"]
        assert retry["MaxAttempts"] > 0, name
        assert not {"States.ALL", "States.TaskFailed"} & set(retry["ErrorEquals"]), name


def test_every_path_is_caught(definition: State) -> None:
    assert [
        name for name, state, caught in states(definition) if state["Type"] == "Task" and not caught and not catches_all(state)
    ] == []
    assert definition["TimeoutSeconds"] > 0


def test_only_what_cannot_fail_is_outside_the_catch(definition: State) -> None:
    """A Pass or a Choice has no catch of its own: an expression that may fail must stand inside one."""
    outside = {name: state for name, state, caught in states(definition) if not caught and state["Type"] in {"Pass", "Choice"}}
    assert set(outside) == {"Read the plan", "How did it end?"}
    assert outside["Read the plan"]["Assign"]["plan"] == "{% $states.input %}"


def test_a_store_that_fails_does_not_stop_the_other(definition: State) -> None:
    """An error that left a branch would cancel the branches beside it."""
    (recover,) = [state for name, state, _ in states(definition) if name == "Restore"]
    assert len(recover["Branches"]) == 2
    for branch in recover["Branches"]:
        assert not [name for name, state, _ in states(branch) if state["Type"] == "Fail"]
        assert [name for name, state, _ in states(branch) if state["Type"] == "Task" and not catches_all(state)] == []


def test_both_stores_polled_to_the_limit_fit_into_one_history() -> None:
    assert 2 * POLLS * EVENTS_IN_A_POLL < EVENTS_IN_A_HISTORY / 1.5


def test_names_in_the_recovery_region_are_the_landing_zones(definition: State, assembly: Assembly, recovery: str) -> None:
    (start,) = [state for name, state, _ in states(definition) if name == "Start restore of mysql"]
    metadata, prefix = start["Arguments"]["Metadata"], assembly.strategy.prefix
    zone = [each["Properties"] for each in assembly.template("standby", recovery)["Resources"].values()]
    assert metadata["DBSubnetGroupName"] in [each.get("DBSubnetGroupName") for each in zone]
    assert metadata["DBParameterGroupName"] in [each.get("DBParameterGroupName") for each in zone]
    assert json.loads(metadata["VpcSecurityGroupIds"]) == ["<Ref>"]
    assert metadata["MultiAZ"] == metadata["DeletionProtection"] == "true"
    assert metadata["PubliclyAccessible"] == "false"
    roles = [each["Properties"].get("RoleName") for each in assembly.template("backup", recovery)["Resources"].values()]
    assert start["Arguments"]["IamRoleArn"] == naming.role_arn(prefix, "restore", recovery, assembly.strategy.account)
    assert start["Arguments"]["IamRoleArn"].split("/")[1] in roles


def test_the_lost_region_comes_with_the_plan(definition: State, primary: str) -> None:
    (choose,) = [state for name, state, _ in states(definition) if name == "Choose recovery points"]
    expressions = [store["resource_arn"] for store in choose["Arguments"]["Payload"]["stores"]]
    found = [evaluate(expression, plan={"lost_region": primary}) for expression in expressions]
    assert [arn.split(":")[2:4] for arn in found] == [["rds", primary], ["dynamodb", primary]]


def test_every_expression_can_be_read(definition: State) -> None:
    expressions = [
        each for _, state, _ in states(definition) for each in strings({**state, "Branches": []}) if each.startswith("{%")
    ]
    assert len(expressions) > 50
    for expression in expressions:
        jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))


def outcome(store: str, *, restored: bool = True, verdict: str = "passed") -> dict[str, Any]:
    return {"store": store, "restored": restored, "verdict": verdict, "summary": f"{store} is {verdict}"}


@pytest.mark.parametrize(
    ("stores", "expected", "problem"),
    [
        ([outcome("mysql"), outcome("audit-logs")], record.RECOVERED, ""),
        ([outcome("mysql", verdict="failed"), outcome("audit-logs")], record.VERIFICATION_FAILED, "mysql: mysql is failed"),
        (
            [outcome("mysql"), outcome("audit-logs", verdict="not_checked")],
            record.VERIFICATION_FAILED,
            "audit-logs: audit-logs is not_checked",
        ),
        (
            [outcome("mysql", restored=False, verdict="not_checked"), outcome("audit-logs")],
            record.FAILED,
            "mysql: mysql is not_checked",
        ),
    ],
)
def test_the_record_says_how_it_ended(stores: list[dict[str, Any]], expected: str, problem: str) -> None:
    said = record.of_outcomes("ap-southeast-2")
    assert evaluate(said["outcome"], stores=stores) == expected
    assert evaluate(said["problem"], stores=stores) == problem
    assert evaluate(said["next"], stores=stores) == record._NEXT[expected]


def test_a_plan_with_nothing_in_it_still_gets_a_record() -> None:
    context = {"context": {"Execution": {"Id": "arn", "Name": "plan-1"}}, "errorOutput": {"Error": "E", "Cause": "because"}}
    said = {
        key: evaluate(value, plan={}, states=context, started="2026-11-02T00:30:00Z")
        for key, value in record.of_error("ap-southeast-2").items()
        if isinstance(value, str)
    }
    assert said["plan_id"] == "plan-1"
    assert said["outcome"] == record.FAILED
    assert said["problem"] == "E: because"
