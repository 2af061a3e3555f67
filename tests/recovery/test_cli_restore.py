"""`restore`, `follow` and `resume`: what they start, what they refuse, what they show, and how each way to end is told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from recovery.__main__ import main
from recovery.aws import Region
from recovery.cli import confirmation, plan_options, plan_page, progress_page
from recovery.cli.exit_codes import ExitCode
from recovery.restore import execution
from recovery.restore.plan import Plan
from recovery.restore.preflight import Checked
from recovery.restore.progress import Progress
from strategy.catalogue.routes import Route, Step, steps
from tests.recovery.fake_night import NOW, PLAN_ID, REGION, Execution, Night, plan, refused

ROUTE = str(Route.MYSQL_TO_A_MOMENT)
WHERE = ["--env", "dev", "--now", NOW.isoformat()]
FIRST = f"{PLAN_ID}-1"
FOLLOW = f"python -m recovery follow {PLAN_ID} --env dev --region {REGION}"
RESUME = f"python -m recovery resume {PLAN_ID} --env dev --region {REGION}"
ALL = tuple(each.value for each in steps(Route.MYSQL_TO_A_MOMENT, plan().mode))
RECORD = {
    "outcome": "recovered",
    "verification": {"verdict": "passed", "summary": "5 levels passed", "report_key": "verifications/mysql/x.json"},
    "next": "Adopt it.",
}
FAILED = {
    "outcome": "failed",
    "step": Step.SETTINGS.value,
    "problem": f"{Step.SETTINGS}: RefusedByAws: no",
    "exists": f"{plan().target.name} exists; {plan().source.name} was not deleted",
    "next": f"Fix the cause, then: {RESUME}",
}


class Problems(list[Checked]):
    """What `preflight` finds, whatever it is asked."""


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    made = Night()
    monkeypatch.setattr(Region, "client", lambda _self, service: made.client(service))
    monkeypatch.setattr(execution, "_FIRST_PAUSE", 0.0)
    made.states.next = lambda text: Execution(text, entered=ALL, output=RECORD)
    return made


@pytest.fixture(autouse=True)
def problems(monkeypatch: pytest.MonkeyPatch) -> Problems:
    found = Problems()
    monkeypatch.setattr(plan_options, "preflight", lambda *_asked: list(found))
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What `plan --json` wrote."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_page.as_json(plan(), [], [], [])))
    return path


@pytest.fixture
def restore(file: Path) -> Callable[..., int]:
    return lambda *more: main(["restore", ROUTE, "--plan", str(file), *more, *WHERE])


def terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """A person is there, and types."""

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Keyboard(f"{typed}\n"))


def test_the_execution_gets_exactly_the_plan_that_the_dry_run_shows(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore("--dry-run", "--json") == ExitCode.DONE
    shown = json.loads(capsys.readouterr().out)["plan"]
    assert night.states.started == []
    assert restore("--yes") == ExitCode.DONE
    assert night.states.started == [FIRST]
    assert json.loads(night.states.executions[FIRST].input) == shown == plan().as_json()


def test_in_a_pipe_each_step_is_one_line_and_the_end_says_what_is_next(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert night.states.started == []
    assert restore("--yes") == ExitCode.DONE
    lines = capsys.readouterr().out.splitlines()
    assert f"Started plan {PLAN_ID}. To look again: {FOLLOW}" in lines
    told = [line for line in lines if line.startswith("2026-11-23T03:")]
    assert [line.split(" ", 1)[1].split(" (")[0] for line in told] == list(ALL)
    assert lines[-2:] == [f"RECOVERED in 9 minutes: {plan().target.name}", "Adopt it."]


def test_the_same_plan_started_twice_runs_once(night: Night, restore: Callable[..., int], file: Path) -> None:
    night.states.executions[FIRST] = Execution(json.dumps(plan().as_json()), entered=ALL, output=RECORD, lasts=3)
    assert restore("--yes") == ExitCode.DONE
    assert restore("--yes") == ExitCode.DONE, "it is over, and is told again"
    assert night.states.started == []
    assert file.exists()


@pytest.mark.parametrize(("typed", "code"), [("mysql", ExitCode.DONE), ("y", ExitCode.STOPPED), ("", ExitCode.STOPPED)])
def test_the_name_of_the_store_must_be_typed(
    night: Night, restore: Callable[..., int], monkeypatch: pytest.MonkeyPatch, typed: str, code: ExitCode
) -> None:
    terminal(monkeypatch, typed)
    assert restore() == code
    assert night.states.started == ([FIRST] if code == ExitCode.DONE else [])


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_where_nobody_can_be_asked_nothing_is_started(
    night: Night,
    restore: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("mysql\n"))
    assert restore(*more) == ExitCode.WRONG_INPUT
    assert "add --yes" in capsys.readouterr().err
    assert night.states.started == []


def test_a_plan_with_problems_is_shown_and_cannot_be_started(
    night: Night, restore: Callable[..., int], problems: Problems, capsys: pytest.CaptureFixture[str]
) -> None:
    problems.append(Checked("key", "it is PendingDeletion"))
    assert restore("--yes") == ExitCode.NOT_KEPT
    assert capsys.readouterr().out.endswith("- key: it is PendingDeletion\n\nCANNOT BE STARTED: 1 to be fixed above.\n")
    assert restore("--dry-run", "--json") == ExitCode.NOT_KEPT
    assert json.loads(capsys.readouterr().out)["problems"] == ["key: it is PendingDeletion"]
    assert night.states.started == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--latest"], "--plan: the plan says everything"),
        (["--drill"], "--plan: the plan says everything"),
        (["--region", "ap-southeast-2"], f"is a plan for {ROUTE} --env dev --region {REGION}"),
    ],
)
def test_a_plan_is_taken_whole_and_where_it_belongs(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert restore("--yes", *words) == ExitCode.WRONG_INPUT
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1
    assert night.states.started == []


def test_what_is_no_plan_is_refused(night: Night, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text, said in (
        ("{", "is no plan"),
        ('{"format": 1}', "the plan is not of the expected shape"),
        ("[]", "no restore plan"),
    ):
        file = tmp_path / "other.json"
        file.write_text(text)
        assert main(["restore", ROUTE, "--plan", str(file), "--yes", *WHERE]) == ExitCode.WRONG_INPUT
        assert said in capsys.readouterr().err
    assert night.states.started == []


@pytest.mark.proves("restore.resume")
def test_a_failure_names_the_step_what_exists_and_the_command_and_resume_ends_it(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    night.states.next = lambda text: Execution(text, "FAILED", entered=ALL[:4], cause="short")
    night.objects[f"restores/{FIRST}.json"] = FAILED
    assert restore("--yes") == ExitCode.NOT_KEPT
    assert capsys.readouterr().out.splitlines()[-4:] == [
        f"FAILED in: {Step.SETTINGS}",
        f"because   {FAILED['problem']}",
        f"now       {FAILED['exists']}",
        FAILED["next"],
    ]
    assert main(["follow", PLAN_ID, "--json", *WHERE]) == ExitCode.NOT_KEPT
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["step"], told["attempt"], told["record"]) == ("failed", Step.SETTINGS, 1, FAILED)
    assert [each["state"] for each in told["steps"]][:5] == ["done", "done", "done", "failed", "waiting"]

    night.claimed[PLAN_ID] = (plan(), f"arn:aws:states:{REGION}:1:execution:m:{FIRST}")
    night.states.next = lambda text: Execution(text, entered=ALL, output=RECORD)
    assert main(["resume", PLAN_ID, *WHERE]) == ExitCode.DONE
    assert night.states.started == [FIRST, f"{PLAN_ID}-2"]
    assert "RECOVERED" in capsys.readouterr().out
    assert main(["resume", PLAN_ID, *WHERE]) == ExitCode.DONE, "it says how it ended"
    assert "there is nothing to resume" in capsys.readouterr().out
    assert len(night.states.started) == 2


def test_an_attempt_that_was_ended_from_outside_says_what_is_known(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    night.states.next = lambda text: Execution(text, "ABORTED", entered=ALL[:3])
    assert restore("--yes") == ExitCode.NOT_KEPT
    shown = capsys.readouterr().out
    assert f"FAILED in: {Step.RESTORE}" in shown
    assert "ended from outside (aborted)" in shown
    assert shown.endswith(f"Fix the cause, then: {RESUME}\n")
    assert "resume at once" not in shown
    night.states.executions[FIRST].entered = ALL[: ALL.index(Step.FENCE) + 1]
    assert main(["follow", PLAN_ID, *WHERE]) == ExitCode.NOT_KEPT
    assert "the application without one: resume at once" in capsys.readouterr().out


def test_a_running_attempt_is_not_resumed(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    night.states.executions[FIRST] = Execution(json.dumps(plan().as_json()), lasts=99)
    assert main(["resume", PLAN_ID, *WHERE]) == ExitCode.WRONG_INPUT
    assert FOLLOW in capsys.readouterr().err
    assert night.states.started == []


def test_ctrl_c_leaves_it_running_and_says_how_to_look_again(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    def leave() -> None:
        raise KeyboardInterrupt

    night.states.on_look = leave
    assert restore("--yes") == ExitCode.STOPPED
    assert capsys.readouterr().err == (f"recovery: you left; plan {PLAN_ID} goes on without you. To look again: {FOLLOW}\n")
    assert night.states.executions[FIRST].now == "RUNNING"


def test_a_lost_network_is_outlasted_and_a_long_one_ends_with_3(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [3]

    def lost() -> None:
        if left[0]:
            left[0] -= 1
            raise refused("ServiceUnavailable", "DescribeExecution")

    night.states.on_look = lost
    assert restore("--yes") == ExitCode.DONE
    assert "no (ServiceUnavailable); looking again" in capsys.readouterr().out
    monkeypatch.setattr(execution, "_LONGEST_PAUSE", 0.0)
    left[0] = 10_000
    night.states.executions.clear()
    assert restore("--yes") == ExitCode.AWS_TROUBLE
    assert FOLLOW in capsys.readouterr().err


def test_verification_that_failed_is_1_and_an_accepted_unknown_says_that_it_is_not_verified(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = {"verification": {"verdict": "not_checked", "summary": "no manifest"}, "next": "Look."}
    record = {"outcome": "verification-failed", "problem": "no manifest", "exists": "it exists", **unknown}
    night.states.next = lambda text: Execution(text, "FAILED", entered=ALL, cause=json.dumps(record))
    assert restore("--yes") == ExitCode.NOT_KEPT
    assert "VERIFICATION FAILED\nbecause   no manifest\n" in capsys.readouterr().out
    night.states.executions.clear()
    accepted = {"outcome": "recovered", "accepted_unverified": "Kim, 04:10", **unknown}
    night.states.next = lambda text: Execution(text, entered=ALL, output=accepted)
    assert restore("--yes") == ExitCode.DONE
    assert "NOT VERIFIED, accepted because: Kim, 04:10" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["follow", "resume", "adopt"])
def test_a_plan_that_nobody_started_is_wrong_input(night: Night, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, PLAN_ID, *WHERE]) == ExitCode.WRONG_INPUT
    assert f"no plan {PLAN_ID} was started in {REGION} (dev)" in capsys.readouterr().err
    assert main([command, "banana", *WHERE]) == ExitCode.WRONG_INPUT
    assert "plan: found 'banana'; allowed: r and eight characters" in capsys.readouterr().err
    assert night.states.started == []


def test_another_account_is_trouble(night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    night.account = "999999999999"
    assert restore("--yes") == ExitCode.AWS_TROUBLE
    assert "the credentials are of account 999999999999" in capsys.readouterr().err
    assert night.states.started == []


def test_a_region_without_the_workflow_says_what_to_deploy(
    night: Night, restore: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(**_asked: Any) -> None:
        raise refused("StateMachineDoesNotExist")

    monkeypatch.setattr(night.states, "start_execution", missing)
    assert restore("--yes") == ExitCode.AWS_TROUBLE
    assert f"deploy banking-buddy-dev-dr-{REGION}; nothing was begun" in capsys.readouterr().err


def test_the_live_picture_has_what_runs_what_it_waits_for_and_what_is_left() -> None:
    def progress(of: Plan) -> Progress:
        made = Progress(of)
        made.add({"timestamp": NOW, "stateEnteredEventDetails": {"name": name}} for name in (*ALL[:3], f"{ALL[2]}: wait"))
        output = json.dumps({"DbInstances": [{"DbInstanceStatus": "creating"}]})
        made.add([{"timestamp": NOW, "taskSucceededEventDetails": {"output": output}}])
        return made

    look = execution.Look(f"arn:{FIRST}", "RUNNING", progress(plan()), {})
    out = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None, _environ={})
    with out.capture() as shown:
        out.print(progress_page.live(plan(), look, NOW.replace(hour=4), out))
    lines = [" ".join(line.split()) for line in shown.get().splitlines()]
    assert f"{Step.RESTORE} running 1h 0m 3h" in lines
    assert f"{Step.VERIFY} waiting - 30m" in lines
    assert lines[-3:] == ["at most 2h 45m to go", "waiting for the instance, creating", "Ctrl-C leaves; the restore goes on."]


def test_the_question_names_what_to_type(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal(monkeypatch, "mysql")
    confirmation.confirm("Restore mysql", "mysql", instead="--yes")
    assert "Restore mysql: type mysql to go on:" in capsys.readouterr().err
