"""What people are told: one message for each incident and one when it clears, in words, by mail and for chats."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.notify import message
from recovery.notify.aws_events import ALARM, NO_DATA, OK, Change, incident
from recovery.notify.incident import Incident
from strategy.catalogue import alarm_text
from strategy.catalogue.alarm_text import Said
from strategy.catalogue.severity import Severity

HERE = "ap-southeast-1"
NAME = "banking-buddy-dev-freshness-mysql"
BEGAN = datetime(2026, 11, 2, 3, 5, tzinfo=UTC)
HOURS = timedelta(hours=1)
SAID = Said(
    Severity.PAGE,
    "the newest backup of mysql is older than promised",
    "at most 720 minutes",
    f"python -m recovery status --env dev --region {HERE}",
)


def change(before: str, state: str, at: datetime, *, since: datetime = BEGAN, description: str = str(SAID)) -> dict[str, Any]:
    """As CloudWatch tells EventBridge (the CloudWatch guide, *Alarm events and EventBridge*)."""

    def told(value: str, moment: datetime) -> dict[str, str]:
        numbers = {"version": "1.0", "period": 900, "recentDatapoints": [715.0, 806.0], "threshold": 720.0}
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        return {"value": value, "reason": "Threshold Crossed", "reasonData": json.dumps(numbers), "timestamp": stamp}

    return {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "region": HERE,
        "resources": [f"arn:aws:cloudwatch:{HERE}:123456789012:alarm:{NAME}"],
        "detail": {
            "alarmName": NAME,
            "configuration": {"description": description, "metrics": []},
            "previousState": told(before, since),
            "state": told(state, at),
        },
    }


def job(kind: str = "Backup", **detail: Any) -> dict[str, Any]:
    described = {"resourceArn": f"arn:aws:rds:{HERE}:123456789012:db:bank-mysql", f"{kind.lower()}JobId": "j-1"}
    return {
        "source": "aws.backup",
        "detail-type": f"{kind} Job State Change",
        "region": HERE,
        "time": "2026-11-02T03:05:00Z",
        "resources": [],
        "detail": described | detail,
    }


def told(event: dict[str, Any], *history: Change) -> Incident | None:
    return incident(event, "dev", lambda _name: sorted(history, reverse=True))


def unasked(name: str) -> list[Change]:
    raise AssertionError(f"the history of {name} was asked for without need")


@pytest.mark.proves("monitoring.incidents")
def test_an_alarm_is_told_with_all_that_one_needs_at_night() -> None:
    found = incident(change(OK, ALARM, BEGAN), "dev", unasked)
    assert found is not None
    text = message.text(found)
    assert text.splitlines()[0] == "PAGE NOW: the newest backup of mysql is older than promised."
    for part in ("2026-11-02 03:05:00 UTC", "806", "at most 720 minutes", SAID.command, NAME, "one comes when it clears"):
        assert part in text, part


def test_a_cleared_one_says_how_long_it_lasted_and_keeps_its_thread() -> None:
    raised = told(change(OK, ALARM, BEGAN))
    cleared = told(change(ALARM, OK, BEGAN + 2 * HOURS), (BEGAN, ALARM), (BEGAN - HOURS, OK))
    assert raised is not None
    assert cleared is not None
    assert cleared.lasted == 2 * HOURS
    assert message.text(cleared).startswith("CLEARED after 2h: the newest backup of mysql")
    threads = [message.chat(each)["metadata"]["threadId"] for each in (raised, cleared)]
    assert threads[0] == threads[1]
    assert message.chat(raised)["id"] != message.chat(cleared)["id"]


@pytest.mark.proves("monitoring.incidents")
@pytest.mark.parametrize(
    ("before", "state", "history", "speaks"),
    [
        (OK, ALARM, (), True),
        (NO_DATA, ALARM, (), True),
        (NO_DATA, ALARM, ((BEGAN - HOURS, NO_DATA), (BEGAN - 2 * HOURS, OK)), True),
        (NO_DATA, ALARM, ((BEGAN - HOURS, NO_DATA), (BEGAN - 2 * HOURS, ALARM)), False),
        (ALARM, NO_DATA, (), False),
        (OK, NO_DATA, (), False),
        (NO_DATA, OK, (), False),
        (NO_DATA, OK, ((BEGAN - HOURS, NO_DATA), (BEGAN - 2 * HOURS, OK)), False),
        (NO_DATA, OK, ((BEGAN - HOURS, NO_DATA), (BEGAN - 2 * HOURS, ALARM)), True),
        (ALARM, OK, (), True),
    ],
)
def test_one_message_for_each_incident_whatever_silence_comes_between(
    before: str, state: str, history: tuple[Change, ...], speaks: bool
) -> None:
    # The history already holds the change itself; CloudWatch may date it some milliseconds apart.
    itself = (BEGAN - timedelta(milliseconds=3), state)
    assert (told(change(before, state, BEGAN, since=BEGAN - HOURS), itself, *history) is not None) is speaks


def test_an_incident_lasts_from_its_first_alarm_through_silence() -> None:
    changes = [(BEGAN, ALARM), (BEGAN + HOURS, NO_DATA), (BEGAN + 2 * HOURS, ALARM)]
    found = told(change(ALARM, OK, BEGAN + 3 * HOURS, since=BEGAN + 2 * HOURS), (BEGAN - HOURS, OK), *changes)
    assert found is not None
    assert found.lasted == 3 * HOURS


def test_an_alarm_without_our_words_is_told_all_the_same() -> None:
    found = told(change(OK, ALARM, BEGAN, description="somebody's own alarm"))
    assert found is not None
    assert (found.severity, found.what) == (Severity.LOOK, "somebody's own alarm")
    assert found.command == f"python -m recovery status --env dev --region {HERE}"


def test_jobs_that_failed_are_not_mended_by_a_count_that_is_zero_again() -> None:
    counted = [{"id": "m1", "metricStat": {"metric": {"namespace": "AWS/Backup", "name": "NumberOfBackupJobsFailed"}}}]
    for before, after in ((OK, ALARM), (ALARM, OK)):
        event = change(before, after, BEGAN)
        event["detail"]["configuration"]["metrics"] = counted
        found = told(event, (BEGAN - HOURS, ALARM))
        assert (found is not None) == (after == ALARM)
        assert found is None or "no other message comes" in message.text(found)


def test_a_composite_alarm_names_its_parts() -> None:
    event = change(OK, ALARM, BEGAN)
    part = {"arn": f"arn:aws:cloudwatch:{HERE}:1:alarm:part", "state": {"value": ALARM}}
    event["detail"]["state"]["reasonData"] = json.dumps({"triggeringAlarms": [part]})
    found = told(event)
    assert found is not None
    assert found.seen == "part is ALARM"


@pytest.mark.parametrize(
    ("event", "what", "severity", "seen"),
    [
        (
            job(state="FAILED", statusMessage="no access", completionDate="2026-11-02T03:07:00.000Z"),
            "the backup job of bank-mysql ended FAILED",
            Severity.LOOK,
            "FAILED: no access",
        ),
        (job("Copy", state="FAILED"), "the copy job of bank-mysql ended FAILED", Severity.LOOK, "FAILED: no message"),
        (job("Restore", status="ABORTED"), "the restore job of bank-mysql ended ABORTED", Severity.LOOK, "ABORTED: no message"),
        (
            job(state="COMPLETED", statusMessage="part was left out"),
            "the backup job of bank-mysql completed with a message",
            Severity.NOTE,
            "COMPLETED: part was left out",
        ),
    ],
)
def test_a_job_that_ended_badly_is_told(event: dict[str, Any], what: str, severity: Severity, seen: str) -> None:
    found = incident(event, "dev", unasked)
    assert found is not None
    assert (found.what, found.severity, found.seen) == (what, severity, seen)
    assert f"--env dev --region {HERE}" in message.text(found)
    assert "no other message comes" in message.text(found)


def test_a_job_that_ended_well_is_no_news() -> None:
    assert incident(job(state="COMPLETED"), "dev", unasked) is None


def test_an_event_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'EC2 Instance'"):
        incident({"detail-type": "EC2 Instance"}, "dev", unasked)


@pytest.mark.proves("monitoring.incidents")
def test_the_chat_form_is_awss_custom_notification() -> None:
    """Its keys are those of the guide of Amazon Q Developer in chat applications, *Custom notifications*."""
    found = told(change(OK, ALARM, BEGAN))
    assert found is not None
    spoken = message.chat(found)
    assert (spoken["version"], spoken["source"]) == ("1.0", "custom")
    assert set(spoken) <= {"version", "source", "id", "content", "metadata"}
    assert set(spoken["content"]) <= {"textType", "title", "description", "nextSteps", "keywords"}
    known = {"threadId", "summary", "eventType", "relatedResources", "additionalContext", "enableCustomActions"}
    assert set(spoken["metadata"]) <= known
    assert spoken["content"]["textType"] == "client-markdown"
    assert spoken["content"]["nextSteps"] == [f"`{SAID.command}`"]
    assert all(isinstance(each, str) for each in spoken["metadata"]["additionalContext"].values())
    carried = json.loads(message.message(found))
    assert json.loads(carried["https"]) == spoken
    assert carried["default"] == carried["email"] == message.text(found)


@pytest.mark.parametrize("what", ["short", "a store with a very long name " * 20, "a store with a naïve name"])
def test_a_subject_is_one_that_sns_takes(what: str) -> None:
    found = told(change(OK, ALARM, BEGAN, description=str(Said(Severity.NOTE, what, "0", "x"))))
    assert found is not None
    subject = message.subject(found)
    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.endswith(f"[dev, {HERE}]")


@pytest.mark.parametrize("severity", Severity)
def test_an_alarms_description_is_read_back_as_it_was_written(severity: Severity) -> None:
    words = Said(severity, "what: is wrong", "at most 1: or 2", "python -m recovery status")
    assert alarm_text.read(str(words)) == words
    assert alarm_text.read("somebody's own alarm") is None


@pytest.mark.parametrize("broken", [Said(Severity.PAGE, "two\nlines", "1", "x"), Said(Severity.PAGE, "", "1", "x")])
def test_a_description_that_could_not_be_read_back_is_refused(broken: Said) -> None:
    with pytest.raises(ValueError, match="cannot say"):
        str(broken)


def test_a_description_that_cloudwatch_would_refuse_is_refused() -> None:
    with pytest.raises(ValueError, match="1024"):
        str(Said(Severity.PAGE, "x" * 1020, "1", "x"))
