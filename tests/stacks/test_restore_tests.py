"""The answer to restore tests: in both regions, to nothing but the tests' own events, with no way to the stamp but a verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dr_stack.restore_tests import outcome as ending
from strategy.catalogue import names
from strategy.catalogue.restore_test_names import ANSWER, ANSWERED_WITHIN, WATCH
from strategy.model.strategy import StoreKind
from tests.stacks.assembly import Assembly, text
from tests.stacks.states import State, catches_all, evaluate, states

STAMP = "Stamp the verdict"
JOB = {"id": "JOB-1", "recovery_point": "arn:point"}


def machine(assembly: Assembly, name: str, region: str) -> State:
    wanted = names.state_machine(assembly.strategy.prefix, name)
    for _, each in assembly.resources("AWS::StepFunctions::StateMachine", region=region):
        if each["Properties"]["StateMachineName"] == wanted:
            found: State = json.loads(text(each["Properties"]["DefinitionString"]))
            return found
    raise AssertionError(f"{wanted} does not stand in {region}")


def rules(assembly: Assembly, region: str) -> list[dict[str, Any]]:
    return [each["Properties"] for _, each in assembly.resources("AWS::Events::Rule", region=region, kind="dr")]


def leading_to(found: State, target: str) -> set[str]:
    """States from which `target` is entered directly, by whatever way."""
    ways = {name: [state, *state.get("Choices", []), *state.get("Catch", [])] for name, state, _ in states(found)}
    return {name for name, each in ways.items() if any(target in {way.get("Next"), way.get("Default")} for way in each)}


def test_a_restore_testing_plans_events_start_the_answer_in_each_region(
    environments: dict[str, Assembly], primary: str, recovery: str
) -> None:
    for assembly in environments.values():
        for region in (primary, recovery):
            prefix, account = assembly.strategy.prefix, assembly.strategy.account
            (pattern,) = (
                each["EventPattern"]
                for each in rules(assembly, region)
                if "restoreTestingPlanArn" in json.dumps(each.get("EventPattern", {}))
            )
            assert (pattern["source"], pattern["detail-type"]) == (["aws.backup"], ["Restore Job State Change"])
            detail = pattern["detail"]
            assert detail["status"] == ["COMPLETED", "FAILED", "ABORTED"], "restore jobs say status, not state"
            assert "state" not in detail
            (plan,) = detail["restoreTestingPlanArn"]
            named = next(
                each["Properties"]["RestoreTestingPlanName"]
                for _, each in assembly.resources("AWS::Backup::RestoreTestingPlan", region=region)
            )
            assert plan["prefix"] == f"arn:aws:backup:{region}:{account}:restore-testing-plan:{named}-"
            assert prefix.replace("-", "_") in named


@pytest.mark.proves("verification.restore-test-verdict")
def test_nothing_but_a_verdict_leads_to_the_stamp(assembly: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        found = machine(assembly, ANSWER, region)
        (before,) = leading_to(found, STAMP)
        (choice,) = (way for way in found["States"][before]["Choices"] if way["Next"] == STAMP)
        for verification, stamps in (
            ({"verdict": "passed"}, True),
            ({"verdict": "failed"}, True),
            ({"verdict": "not_checked"}, False),
            ({}, False),
        ):
            assert bool(evaluate(choice["Condition"], verification=verification)) == stamps, verification
        for name, state, _ in states(found):
            assert all(catch["Next"] not in {before, STAMP} for catch in state.get("Catch", [])), name
        kinds = {kind.value for kind in StoreKind}
        verifiers = {name for name in found["States"] if name in {f"Verify the content: {kind}" for kind in kinds}}
        assert leading_to(found, before) == verifiers, "a verdict is a verifier's"


def test_every_call_ends_is_tried_again_and_is_caught(assembly: Assembly, primary: str) -> None:
    for name in (ANSWER, WATCH):
        for state_name, state, caught in states(machine(assembly, name, primary)):
            if state["Type"] == "Task":
                assert state["TimeoutSeconds"] > 0, state_name
                assert state["Retry"][0]["MaxAttempts"] > 0, state_name
                assert catches_all(state) or caught, state_name


@pytest.mark.proves("verification.restore-test-deadline")
def test_an_answer_ends_long_before_what_was_restored_is_deleted(environments: dict[str, Assembly], primary: str) -> None:
    for assembly in environments.values():
        window = assembly.strategy.restore_testing.validation_window
        assert machine(assembly, ANSWER, primary)["TimeoutSeconds"] == ANSWERED_WITHIN.total_seconds()
        assert window > ANSWERED_WITHIN
        for _, selection in assembly.resources("AWS::Backup::RestoreTestingSelection", region=primary):
            assert selection["Properties"]["ValidationWindowHours"] * 3600 == window.total_seconds()


def test_the_watch_is_due_with_the_tests_and_waits_for_their_window(assembly: Assembly, primary: str, recovery: str) -> None:
    testing = assembly.strategy.restore_testing
    for region in (primary, recovery):
        due = [each for each in rules(assembly, region) if each.get("ScheduleExpression") == testing.schedule]
        assert len(due) == 1
        watch = machine(assembly, WATCH, region)
        assert watch["States"]["Wait for the start window to end"]["Seconds"] == testing.start_window.total_seconds()
        look = watch["States"]["Look at the restore jobs"]
        payload = json.dumps(look["Arguments"]["Payload"])
        assert all(f'"{store.name}"' in payload for store in assembly.strategy.stores)


@pytest.mark.parametrize(
    ("variables", "outcome", "problem"),
    [
        ({"found": {"state": "ready", "store": "mysql"}, "verification": {"verdict": "passed", "summary": "ok"}}, "passed", ""),
        ({"found": {"state": "ready", "store": "mysql"}, "verification": {"verdict": "failed", "summary": "1"}}, "failed", "1"),
        ({"found": {"state": "failed", "store": "mysql"}, "problem": "no disk"}, "failed", "no disk"),
        ({"found": {"state": "ready", "store": "mysql"}, "problem": "it crashed"}, "not-checked", "it crashed"),
        (
            {"found": {"state": "ready", "store": "mysql"}, "verification": {"verdict": "not_checked", "summary": "no manifest"}},
            "not-checked",
            "no manifest",
        ),
        ({"problem": "throttled"}, "not-checked", "throttled"),
    ],
    ids=["passed", "differs", "not restored", "crashed", "nothing to compare with", "not found"],
)
def test_the_record_says_how_it_ended(variables: dict[str, Any], outcome: str, problem: str) -> None:
    known = ending.NOTHING | {"job_id": "JOB-1"} | variables
    record = {name: evaluate(value, **known) for name, value in ending.record("here").items() if name not in {"at", "by"}}
    assert (record["outcome"], record["problem"]) == (outcome, problem)
    assert record["store"] == ("mysql" if "found" in variables else "unknown")
    assert record["job"] == {"id": "JOB-1"}
    assert (record["format"], record["kind"]) == (1, "restore-test")
    assert record["next"]
