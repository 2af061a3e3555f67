"""Plans on the virtual calendar: which rule runs, for which resources, and where its copies go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_support.backup_bench import HERE, ROLE, TABLE_ARN, THERE, make_table, make_vaults, vault_arn


def rule(name: str, schedule: str, days: int, *, window: int = 60, copies: bool = True) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "RuleName": name,
        "TargetBackupVaultName": "vault",
        "ScheduleExpression": schedule,
        "StartWindowMinutes": window,
        "CompletionWindowMinutes": window + 120,
        "Lifecycle": {"DeleteAfterDays": days},
    }
    if copies:
        shape["CopyActions"] = [
            {"DestinationBackupVaultArn": vault_arn("copies", THERE), "Lifecycle": {"DeleteAfterDays": days + 1}}
        ]
    return shape


RULES = [
    rule("12-hour", "cron(0 2,14 * * ? *)", 3),
    rule("daily", "cron(0 2 * * ? *)", 7),
    rule("weekly", "cron(0 3 ? * SUN *)", 30),
]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        make_vaults(cloud)
        make_table(cloud, items=3)
        yield cloud


def plan(cloud: Cloud, *rules: dict[str, Any], **selection: Any) -> str:
    client = cloud.client("backup", HERE)
    plan_id: str = client.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": list(rules)})["BackupPlanId"]
    chosen = {"SelectionName": "stores", "IamRoleArn": ROLE} | (selection or {"Resources": [TABLE_ARN]})
    client.create_backup_selection(BackupPlanId=plan_id, BackupSelection=chosen)
    return plan_id


def jobs(cloud: Cloud) -> list[dict[str, Any]]:
    found = cloud.client("backup", HERE).list_backup_jobs()["BackupJobs"]
    return sorted(found, key=lambda job: job["CreationDate"])


def preview(cloud: Cloud, plan_id: str, count: int = 10) -> list[tuple[datetime, str]]:
    answer = cloud.client("backup", HERE).get_backup_plan(BackupPlanId=plan_id, MaxScheduledRunsPreview=count)
    by_id = {each["RuleId"]: each["RuleName"] for each in answer["BackupPlan"]["Rules"]}
    return [(run["ExecutionTime"].astimezone(UTC), by_id[run["RuleId"]]) for run in answer["ScheduledRunsPreview"]]


@pytest.mark.proves("schedule.overlap")
def test_a_day_of_the_plan_runs_the_longest_kept_rule_at_each_moment_and_its_copies(cloud: Cloud) -> None:
    plan_id = plan(cloud, *RULES)
    cloud.clock.advance_to(datetime(2026, 11, 2, 20, 0, tzinfo=UTC))

    made = jobs(cloud)
    assert [(job["CreationDate"].astimezone(UTC).hour, job["CreatedBy"]["BackupRuleName"]) for job in made] == [
        (2, "daily"),
        (14, "12-hour"),
    ]
    assert {job["CreatedBy"]["BackupPlanId"] for job in made} == {plan_id}
    assert {job["State"] for job in made} == {"COMPLETED"}
    copies = cloud.client("backup", THERE).list_recovery_points_by_backup_vault(BackupVaultName="copies")["RecoveryPoints"]
    assert sorted(point["Lifecycle"]["DeleteAfterDays"] for point in copies) == [4, 8]
    assert {point["SourceBackupVaultArn"] for point in copies} == {vault_arn("vault", HERE)}
    copied = cloud.client("backup", HERE).list_copy_jobs()["CopyJobs"]
    assert {job["CreatedByBackupJobId"] for job in copied} == {job["BackupJobId"] for job in made}


def test_the_preview_shows_the_winners(cloud: Cloud) -> None:
    runs = preview(cloud, plan(cloud, *RULES))
    monday = datetime(2026, 11, 2, tzinfo=UTC)
    assert runs[:2] == [(monday + timedelta(hours=2), "daily"), (monday + timedelta(hours=14), "12-hour")]
    assert len(runs) == 10
    cloud.clock.advance_to(datetime(2026, 11, 8, 0, 0, tzinfo=UTC))
    sunday = datetime(2026, 11, 8, tzinfo=UTC)
    plan_id = cloud.client("backup", HERE).list_backup_plans()["BackupPlansList"][0]["BackupPlanId"]
    assert preview(cloud, plan_id, 3) == [
        (sunday + timedelta(hours=2), "daily"),
        (sunday + timedelta(hours=3), "weekly"),
        (sunday + timedelta(hours=14), "12-hour"),
    ]


def test_with_long_start_windows_the_weekly_rule_swallows_the_others(cloud: Cloud) -> None:
    plan_id = plan(cloud, *({**each, "StartWindowMinutes": 480, "CompletionWindowMinutes": 600} for each in RULES))
    cloud.clock.advance_to(datetime(2026, 11, 8, 0, 0, tzinfo=UTC))
    assert [name for _, name in preview(cloud, plan_id, 2)] == ["weekly", "12-hour"]


def test_a_changed_plan_follows_its_new_calendar_and_a_deleted_one_stops(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    plan_id = plan(cloud, *RULES)
    later = [rule("later", "cron(0 5 * * ? *)", 5, copies=False)]
    client.update_backup_plan(BackupPlanId=plan_id, BackupPlan={"BackupPlanName": "plan", "Rules": later})
    cloud.clock.advance_to(datetime(2026, 11, 2, 8, 0, tzinfo=UTC))
    assert [job["CreatedBy"]["BackupRuleName"] for job in jobs(cloud)] == ["later"]

    with pytest.raises(ClientError, match="selections must be deleted"):
        client.delete_backup_plan(BackupPlanId=plan_id)
    (selection,) = client.list_backup_selections(BackupPlanId=plan_id)["BackupSelectionsList"]
    client.delete_backup_selection(BackupPlanId=plan_id, SelectionId=selection["SelectionId"])
    client.delete_backup_plan(BackupPlanId=plan_id)
    cloud.clock.advance_to(datetime(2026, 11, 4, 8, 0, tzinfo=UTC))
    assert len(jobs(cloud)) == 1
    assert client.list_backup_plans()["BackupPlansList"] == []


SELECTIONS: list[tuple[dict[str, Any], bool]] = [
    ({"Resources": ["arn:aws:dynamodb:*"]}, True),
    ({"Resources": ["*"], "NotResources": [TABLE_ARN]}, False),
    ({"ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "owner", "ConditionValue": "bank"}]}, True),
    ({"ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "owner", "ConditionValue": "shop"}]}, False),
    ({"Resources": [TABLE_ARN.replace(HERE, THERE)]}, False),
    ({"Conditions": {"StringLike": [{"ConditionKey": "aws:ResourceTag/owner", "ConditionValue": "b*"}]}}, True),
    ({"Conditions": {"StringNotLike": [{"ConditionKey": "aws:ResourceTag/owner", "ConditionValue": "b*"}]}}, False),
    (
        {
            "Resources": ["*"],
            "Conditions": {"StringNotEquals": [{"ConditionKey": "aws:ResourceTag/owner", "ConditionValue": "bank"}]},
        },
        False,
    ),
]


@pytest.mark.proves("stores.selection")
def test_a_selection_covers_what_it_says(cloud: Cloud) -> None:
    for number, (selection, _) in enumerate(SELECTIONS):
        plan(cloud, rule(f"rule-{number}", "cron(0 2 * * ? *)", 7, copies=False), **selection)
    cloud.clock.advance_to(datetime(2026, 11, 2, 2, 0, 5, tzinfo=UTC))
    ran = {job["CreatedBy"]["BackupRuleName"] for job in jobs(cloud)}
    assert ran == {f"rule-{number}" for number, (_, covered) in enumerate(SELECTIONS) if covered}
    assert {job["ResourceArn"] for job in jobs(cloud)} == {TABLE_ARN}


def test_a_type_opted_out_is_reached_by_its_arn_only(cloud: Cloud) -> None:
    cloud.client("backup", HERE).update_region_settings(ResourceTypeOptInPreference={"DynamoDB": False})
    plan_id = plan(cloud, *RULES, Resources=["*"])
    cloud.clock.advance_to(datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
    assert jobs(cloud) == []
    explicit = {"SelectionName": "explicit", "IamRoleArn": ROLE, "Resources": [TABLE_ARN]}
    cloud.client("backup", HERE).create_backup_selection(BackupPlanId=plan_id, BackupSelection=explicit)
    cloud.clock.advance_to(datetime(2026, 11, 2, 15, 0, tzinfo=UTC))
    assert len(jobs(cloud)) == 1
