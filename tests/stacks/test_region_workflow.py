"""recover-region: that no state can hang, that nothing it meets goes unrecorded, and what it says in the end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jsonata
import pytest

from dr_stack.region import approval, outcome, smoke_test
from dr_stack.region.switch_endpoints import _USING, _plan
from dr_stack.workflow.record import FAILED, RECOVERED, VERIFICATION_FAILED
from dr_stack.workflow.steps import EVERY, SETTLES, WITHIN
from recovery.fence.decision import OPENED_FOR
from recovery.restore.settings.mysql import wanted_mysql
from strategy.catalogue import names
from strategy.catalogue.region_steps import RegionStep, region_step_of, region_steps
from strategy.model.strategy import MySqlStore
from tests.stacks.assembly import Assembly, text
from tests.stacks.states import State, catches_all, evaluate, states, strings

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


@pytest.mark.proves("region-loss.step-records")
def test_every_task_has_an_end_and_another_try(definition: State) -> None:
    tasks = [(name, state) for name, state, _ in states(definition) if state["Type"] == "Task"]
    assert {region_step_of(name) for name, _ in tasks} >= set(region_steps(approvals=True))
    for name, task in tasks:
        assert task["TimeoutSeconds"] > 0, name
        (retry,) = task["Retry"]
        assert retry["MaxAttempts"] > 0, name
        assert not {"States.ALL", "States.TaskFailed"} & set(retry["ErrorEquals"]), name


@pytest.mark.proves("region-loss.step-records")
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


def beside(definition: State) -> State:
    (found,) = [state for name, state, _ in states(definition) if name == "Bring the stores back: side by side"]
    return found


@pytest.mark.proves("region-loss.infrastructure", "region-loss.parallel-restores")
def test_a_branch_that_fails_does_not_stop_the_others(definition: State) -> None:
    """An error that left a branch would cancel the branches beside it: stores, workload, buckets."""
    branches = beside(definition)["Branches"]
    assert len(branches) == 4
    for branch in branches:
        assert not [name for name, state, _ in states(branch) if state["Type"] == "Fail"]
        assert [name for name, state, _ in states(branch) if state["Type"] == "Task" and not catches_all(state)] == []


def test_a_branch_assigns_nothing_of_what_is_around_it(definition: State) -> None:
    """AWS refuses a workflow in which an inner scope assigns an outer one's variable."""
    inner = {key for branch in beside(definition)["Branches"] for _, state, _ in states(branch) for key in assigned(state)}
    outer = {key for name, state, _ in states(definition) if not within(definition, name) for key in assigned(state)}
    assert inner
    assert inner & outer == set()


def within(definition: State, name: str) -> bool:
    return any(name == each for branch in beside(definition)["Branches"] for each, _, _ in states(branch))


def assigned(state: State) -> set[str]:
    catches, choices = state.get("Catch", []), state.get("Choices", [])
    return {key for each in (state, *catches, *choices) for key in each.get("Assign", {})}


def test_all_polls_to_their_limits_fit_into_one_history(definition: State) -> None:
    limits = {
        "Bring the stores back": 2 * WITHIN,
        "Activate the workload": timedelta(hours=6),
        "Wait for the approval to recover": timedelta(hours=4),
        "Point the services at the stores": 2 * SETTLES + timedelta(minutes=30),
        "Smoke-test the services": timedelta(minutes=30),
        "Wait for the approval to cut over": timedelta(hours=4),
        "Watch the services and the switch": timedelta(hours=1),
    }
    waits = {name.partition(":")[0] for name, state, _ in states(definition) if state["Type"] == "Wait"}
    assert waits <= set(limits)
    assert sum(limits.values(), timedelta()) // EVERY * EVENTS_IN_A_POLL < EVENTS_IN_A_HISTORY


@pytest.mark.proves("recovery-region.landing-zone")
def test_names_in_the_recovery_region_are_the_landing_zones(assembly: Assembly, recovery: str) -> None:
    """What a plan asks RDS for is what the region's stack made ahead."""
    strategy = assembly.strategy
    mysql = next(each for each in strategy.stores if isinstance(each, MySqlStore))
    wanted = wanted_mysql(
        store=mysql,
        prefix=strategy.prefix,
        network={"database-security-group": "sg-1"},
        live=None,
        point=None,
        tags={},
        plan_id="r00000001",
        drill=False,
    )["at_restore"]
    zone = [each["Properties"] for each in assembly.template("standby", recovery)["Resources"].values()]
    assert wanted["DBSubnetGroupName"] in [each.get("DBSubnetGroupName") for each in zone]
    assert wanted["DBParameterGroupName"] in [each.get("DBParameterGroupName") for each in zone]
    assert wanted["MultiAZ"] == mysql.multi_az
    assert (wanted["DeletionProtection"], wanted["PubliclyAccessible"]) == (True, False)


def test_one_function_only_may_update_a_stack_and_only_the_standby(assembly: Assembly, recovery: str) -> None:
    found = []
    for name, each in assembly.template("dr", recovery)["Resources"].items():
        for statement in each["Properties"].get("PolicyDocument", {}).get("Statement", []) if "Policy" in each["Type"] else ():
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            # Elastic Beanstalk's own stacks are updated by CloudFormation's role for the standby, which no function has.
            if "cloudformation:UpdateStack" in actions and "ActivationRole" not in name:
                found.append((name, text(statement["Resource"])))
    ((name, resource),) = found
    assert "Workload" in name
    assert f":stack/{names.stack(assembly.strategy.prefix, 'standby')}/*" in resource


def test_every_expression_can_be_read(definition: State) -> None:
    expressions = [
        each for _, state, _ in states(definition) for each in strings({**state, "Branches": []}) if each.startswith("{%")
    ]
    assert len(expressions) > 50
    for expression in expressions:
        jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))


def store(name: str, *, recovered: bool = True, verdict: str = "passed") -> dict[str, Any]:
    return {
        "store": name,
        "recovered": recovered,
        "source": "the copy of then",
        "resource": f"bank-{name}-r00000001",
        "data_of": "2026-11-02T02:00:00Z",
        "lost_seconds": 60,
        "passed_over": [],
        "problem": "",
        "verification": {"verdict": verdict, "summary": f"{name} is {verdict}"},
        "plan": {"plan_id": "r00000001", "services": ["user", "ai"]},
    }


def record(assembly: Assembly, **changes: Any) -> dict[str, Any]:
    """What an attempt leaves that assigned these variables."""
    values = {key: value for key, value in outcome.beginning(assembly.strategy).items() if not str(value).startswith("{%")}
    plan = {"plan_id": "r0123abcd", "incident": "2026-11-02T01:00:00Z", "lost_region": "a", "made_by": "me"}
    states = {"context": {"Execution": {"Id": "arn"}}}
    values |= {"plan": plan, "states": states, "started": "2026-11-02T02:00:00Z"} | changes
    return {key: evaluate(value, **values) for key, value in outcome.of_attempt(assembly.strategy, "b").items()}


def test_a_recovered_region_says_what_is_back_and_what_was_lost(assembly: Assembly) -> None:
    both = [store("mysql"), store("audit-logs")]
    said = record(assembly, stores=both, wired={"mysql": {}}, ended_stores="2026-11-02T03:00:00Z")
    assert (said["outcome"], said["problem"]) == (RECOVERED, "")
    assert [each["lost_seconds"] for each in said["stores"]] == [60, 60]
    assert "plan" not in said["stores"][0]
    assert said["stores"][0]["plan_id"] == "r00000001"
    assert said["steps"] == [{"step": "Bring the stores back", "ended": "2026-11-02T03:00:00Z", "since_incident_seconds": 7200}]
    assert "no traffic was moved" in said["exists"]
    assert said["exists"].startswith("mysql is back as bank-mysql-r00000001; audit-logs is back as")
    assert said["since_incident_seconds"] > 0


@pytest.mark.proves("region-loss.step-records")
@pytest.mark.parametrize(
    ("stores", "expected"),
    [
        ([store("mysql", recovered=False, verdict="failed"), store("audit-logs")], VERIFICATION_FAILED),
        ([store("mysql", recovered=False, verdict="not_checked"), store("audit-logs")], VERIFICATION_FAILED),
        ([store("mysql") | {"recovered": False, "verification": {}}, store("audit-logs")], FAILED),
        ([], FAILED),
    ],
)
def test_the_record_says_why_it_did_not(assembly: Assembly, stores: list[dict[str, Any]], expected: str) -> None:
    said = record(assembly, stores=stores, failed_step=RegionStep.STORES.value, problem="no")
    assert (said["outcome"], said["problem"]) == (expected, "Bring the stores back: no")
    assert "no endpoint was moved" in said["exists"]
    assert said["next"]
    assert "§" not in said["next"]


def test_a_store_that_is_found_wanting_ends_the_attempt_and_says_so(definition: State) -> None:
    (choice,) = [state for name, state, _ in states(definition) if name == "Bring the stores back: all there?"]
    stores = [store("mysql", recovered=False) | {"problem": "the copy is corrupt"}, store("audit-logs")]
    first = choice["Choices"][0]
    assert evaluate(first["Condition"], stores=stores) is True
    assert evaluate(first["Assign"]["problem"], stores=stores) == "mysql: the copy is corrupt"
    assert evaluate(first["Condition"], stores=[store("mysql"), store("audit-logs")]) is False


@pytest.mark.proves("region-loss.configuration")
@pytest.mark.parametrize("installed", [[], ["user"], ["ai", "user"]])
def test_only_services_that_are_installed_are_looked_for(installed: list[str]) -> None:
    plan = evaluate(_plan(1, _USING.format(1)), stores=[store("mysql"), store("audit-logs")], workload={"services": installed})
    assert sorted(plan["services"]) == sorted(installed)
    assert plan["plan_id"] == "r00000001"


@pytest.mark.proves("region-loss.configuration")
def test_services_are_restarted_once_when_every_endpoint_stands(definition: State) -> None:
    """An environment that is being restarted refuses the next restart."""
    known: dict[str, Any] = {"stores": [store("mysql"), store("audit-logs")], "workload": {"services": ["ai"]}}
    plans = [
        evaluate(state["Arguments"]["Payload"]["plan"], **known)
        for name, state, _ in states(definition)
        if name.startswith("Point the services") and state.get("Arguments", {}).get("Payload", {}).get("action") == "switch"
    ]
    assert [each["services"] for each in plans] == [[], [], ["ai"]]


@pytest.mark.proves("region-loss.step-records")
def test_a_plan_with_nothing_in_it_still_gets_a_record() -> None:
    context = {"context": {"Execution": {"Id": "arn", "Name": "plan-1"}}, "errorOutput": {"Error": "E", "Cause": "because"}}
    said = {
        key: evaluate(value, plan={}, states=context, started="2026-11-02T00:30:00Z")
        for key, value in outcome.of_error("ap-southeast-2").items()
        if isinstance(value, str)
    }
    assert said["plan_id"] == "plan-1"
    assert said["outcome"] == FAILED
    assert said["problem"] == "E: because"


def named(definition: State, name: str) -> State:
    (found,) = [state for each, state, _ in states(definition) if each == name]
    return found


def road(definition: State, *, drill: bool, approvals: bool) -> list[str]:
    """Tasks in the order in which an attempt comes to them after the endpoints are proven, when all goes well."""
    found, waiting = [], ["Smoke-test the services"]
    flow = {name: state for name, state, _ in states(definition)}
    plan = {"drill": drill, "approvals": approvals}
    done = {"done": True}
    known = {"plan": plan, "smoke": done, "approved_cutover": done, "watched": done}
    counts = {f"polls_{each}": 1 for each in ("smoke", "approve_cutover", "watch")}
    while waiting:
        name = waiting.pop()
        state = flow[name]
        if state["Type"] == "Task":
            found.append(name)
        chosen = [
            each["Next"] for each in state.get("Choices", []) if evaluate(each["Condition"], waiting_for="", **known, **counts)
        ]
        following = chosen[0] if chosen else state.get("Default") or state.get("Next")
        if following and following != "Sum up":
            waiting.append(following)
    return found


@pytest.mark.proves("region-loss.cutover")
def test_traffic_moves_after_the_tests_and_a_second_yes_and_is_watched_before_the_backups(definition: State) -> None:
    assert road(definition, drill=False, approvals=True) == [
        "Smoke-test the services",
        "Smoke-test the services: tell the people",
        "Wait for the approval to cut over",
        "Throw the switch",
        "Throw the switch: tell the people",
        "Watch the services and the switch",
        "Watch the services and the switch: tell the people",
        "Back up in the new region",
    ]


def test_without_approvals_nobody_is_asked_and_all_the_rest_happens(definition: State) -> None:
    with_them = road(definition, drill=False, approvals=True)
    without = road(definition, drill=False, approvals=False)
    assert without == [each for each in with_them if each != "Wait for the approval to cut over"]


@pytest.mark.proves("region-loss.cutover")
def test_a_drill_tests_the_services_and_moves_no_traffic(definition: State) -> None:
    assert road(definition, drill=True, approvals=False) == [
        "Smoke-test the services",
        "Back up in the new region",
    ]


@pytest.mark.proves("region-loss.smoke-test")
def test_a_service_that_fails_its_test_ends_the_attempt_before_traffic_is_moved(definition: State) -> None:
    first, second = named(definition, "Smoke-test the services: done?")["Choices"]
    failing = {"smoke": {"done": False}, "waiting_for": "ai: health: HTTP status 503"}
    assert evaluate(first["Condition"], **failing, polls_smoke=29) is False
    assert evaluate(second["Condition"], **failing, polls_smoke=29) is True
    assert evaluate(first["Condition"], **failing, polls_smoke=30) is True
    assert first["Next"] == "Sum up"
    assert first["Assign"]["failed_step"] == RegionStep.SMOKE.value
    assert evaluate(first["Assign"]["problem"], **failing).endswith("waiting for ai: health: HTTP status 503")


def test_the_switch_is_thrown_to_this_region_in_the_name_of_who_said_yes(definition: State, recovery: str) -> None:
    payload = named(definition, "Throw the switch")["Arguments"]["Payload"]
    plan = {"plan_id": "r1", "made_by": "starter"}
    assert payload["serving"] == recovery
    assert evaluate(payload["by"], approved_cutover={"by": "second"}, plan=plan) == "second"
    assert evaluate(payload["by"], approved_cutover={}, plan=plan) == "starter"


def test_people_are_told_who_threw_a_switch_that_was_thrown_already(definition: State) -> None:
    message = named(definition, "Throw the switch: tell the people")["Arguments"]["Message"]
    plan = {"plan_id": "r1"}
    now = {"plan_id": "r0", "by": "one", "serving": "b"}
    assert "as it said already, by plan r0" in evaluate(message, thrown={"changed": False, "now": now}, plan=plan, attempt=1)
    assert "already" not in evaluate(message, thrown={"changed": True, "now": now}, plan=plan, attempt=1)


@pytest.mark.proves("region-loss.notification")
def test_people_are_told_what_the_tests_found_and_what_they_wait_for(definition: State) -> None:
    message = named(definition, "Smoke-test the services: tell the people")["Arguments"]["Message"]
    plan = {"plan_id": "r1", "made_by": "me", "approvals": True, "environment": "dev", "region": "b"}
    said = evaluate(message, smoke={"services": [{"service": "ai", "health": "passed", "read": "passed"}]}, plan=plan, attempt=1)
    assert "Tested: ai: passed" in said
    assert "python -m recovery approve r1 --for cut-over --env dev --region b" in said


@pytest.mark.proves("region-loss.notification")
def test_people_are_told_what_was_seen_while_it_was_watched(definition: State) -> None:
    message = named(definition, "Watch the services and the switch: tell the people")["Arguments"]["Message"]
    seen = {"looks": 12, "from": "then", "to": "now", "troubles": ["ai: health: HTTP status 503"]}
    said = evaluate(message, watched=seen, plan={"plan_id": "r1"}, attempt=1)
    assert "12 looks, 1 troubles:\nai: health: HTTP status 503" in said
    assert "12 looks, 0 troubles\n" in evaluate(message, watched=seen | {"troubles": []}, plan={"plan_id": "r1"}, attempt=1)


def test_the_record_keeps_what_the_end_found(assembly: Assembly) -> None:
    both = [store("mysql"), store("audit-logs")]
    thrown = {"before": None, "now": {"serving": "b"}, "changed": True}
    said = record(
        assembly, stores=both, thrown=thrown, watched={"looks": 11}, approved_cutover={"by": "two"}, smoke={"done": True}
    )
    assert (said["thrown"], said["watched"], said["approved_cutover"]) == (thrown, {"looks": 11}, {"by": "two"})
    assert said["smoke_test"] == {"done": True}
    assert "customers are led here" in said["exists"]
    assert "swap primary and recovery" in said["next"]


def test_the_record_of_a_drill_says_how_to_take_it_down(assembly: Assembly) -> None:
    plan = {"plan_id": "r0123abcd", "incident": "2026-11-02T01:00:00Z", "lost_region": "a", "made_by": "me", "drill": True}
    assert "python -m recovery cleanup r0123abcd" in record(assembly, stores=[store("mysql")], plan=plan)["next"]
    failed = record(assembly, plan=plan, failed_step=RegionStep.SMOKE.value, problem="no")
    assert "python -m recovery resume r0123abcd" in failed["next"]


def test_the_region_is_opened_when_the_endpoints_have_moved_and_before_the_services_start(definition: State) -> None:
    """A region that lost its traffic closes itself each minute: opened later, its fence would lock out who is started."""
    order, name = [], "Point the services at the stores: mysql"
    flow = {each: state for each, state, _ in states(definition)}
    known = {"opened": {"left": []}, "polls_wire_open": 1}
    while name != "Point the services at the stores: mysql-used":
        order.append(name)
        state = flow[name]
        chosen = [each["Next"] for each in state.get("Choices", []) if evaluate(each["Condition"], waiting_for="", **known)]
        name = chosen[0] if chosen else state.get("Default") or state["Next"]
    assert [each.partition(": ")[2] for each in order if flow[each]["Type"] == "Task"] == [
        "mysql",
        "audit-logs",
        "open",
        "audit-logs-restart",
    ]
    waits = flow["Point the services at the stores: open done?"]["Choices"]
    still = {"opened": {"left": ["mysql: it cannot be reached"]}, "polls_wire_open": 2, "waiting_for": "x"}
    assert [evaluate(each["Condition"], **still) for each in waits] == [False, True]
    payload = flow["Point the services at the stores: open"]["Arguments"]["Payload"]
    assert (payload["action"], evaluate(payload["plan_id"], plan={"plan_id": "r1"})) == ("open", "r1")


def test_a_region_stays_open_for_as_long_as_its_tests_and_the_second_yes_may_take() -> None:
    """The fence closes it after that: whoever opened it has given up, or was a drill."""
    assert smoke_test._PASS_WITHIN + approval._WITHIN < OPENED_FOR


def test_the_first_backup_is_kept_as_long_as_the_vaults_lock_wants_and_allows(
    environments: dict[str, Assembly], recovery: str
) -> None:
    prod = environments["prod"]
    (function,) = (
        each["Properties"]
        for each in prod.template("dr", recovery)["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and str(each["Properties"]["FunctionName"]).endswith("-region-protect")
    )
    vaults = [each for kind, each in prod.resources("AWS::Backup::BackupVault")]
    locks = [each["Properties"]["LockConfiguration"] for each in vaults]
    days = int(function["Environment"]["Variables"]["KEEP_DAYS"])
    assert locks
    assert all(each["MinRetentionDays"] <= days <= each["MaxRetentionDays"] for each in locks)
