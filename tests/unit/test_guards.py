"""Every guard: refusing, with a message a person can act on, and letting its nearest neighbour pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from strategy import Strategy, load
from strategy.catalogue import names
from strategy.checks.guards import GUARDS, Severity, check
from strategy.checks.guards.replication import DESTINATIONS

TODAY = date(2026, 11, 23)
ENVIRONMENTS = ("dev", "staging", "prod")

Altered = Callable[..., Strategy]


def errors(strategy: Strategy, today: date = TODAY) -> list[str]:
    return [str(finding) for finding in check(strategy, today) if finding.severity is Severity.ERROR]


def literal_rules(**changes: Any) -> dict[str, Any]:
    """prod with nothing but the strategy's own three rules."""
    return {"rules": [rule.model_dump() for rule in load("dev").rules], **changes}


@pytest.mark.proves("stores.mysql-windows")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_passes_and_swapped_too(environment: str) -> None:
    strategy = load(environment)
    assert errors(strategy) == []
    swapped = load(environment, primary=strategy.regions.recovery, recovery=strategy.regions.primary)
    assert errors(swapped) == []


def test_prod_has_not_even_a_warning() -> None:
    assert check(load("prod"), TODAY) == ()


@pytest.mark.proves("objectives.accepted-breach")
@pytest.mark.parametrize(("environment", "count"), [("dev", 4), ("staging", 3)])
def test_what_is_accepted_is_a_warning_with_its_sums_owner_and_date(environment: str, count: int) -> None:
    found = check(load(environment), TODAY)
    assert len(found) == count
    for finding in found:
        assert finding.severity is Severity.WARNING
        for part in ("promised 12h, worst case 13h", "start window", "backup", "accepted by platform team until 2027-06-30"):
            assert part in finding.message


REFUSALS: list[tuple[str, dict[str, Any], str, list[str]]] = [
    # 2. Overlaps
    (
        "rules-run",
        {"rules[12-hour-backup-rule].schedule": "cron(0 2 * * ? *)"},
        "rules[12-hour-backup-rule].schedule",
        ["never runs in the 12 months from 2026-11-23", "daily-backup-rule"],
    ),
    (
        "rules-run",
        {"rules[weekly-backup-rule].schedule": "cron(0 3 ? * SUN 2031)"},
        "rules[weekly-backup-rule].schedule",
        ["cron(0 3 ? * SUN 2031) has no run in the 12 months from 2026-11-23"],
    ),
    (
        "rules-run",
        {"rules": [{**load("prod").rules[0].model_dump(), "name": f"r{each}"} for each in range(11)]},
        "rules",
        ["found 11 rules; AWS allows 10"],
    ),
    # 3. One job per resource
    (
        "one-job-at-a-time",
        {"stores[mysql].size": "120GB"},
        "rules[weekly-backup-rule]",
        [
            "its run of Sun 2026-11-29 03:00 can expire on mysql: daily-backup-rule at 02:00 + 1h start window",
            "+ 37m backup + 1h 35m copy of 132 GB ends at 05:12",
            "its own start window closes at 04:00",
        ],
    ),
    (
        "windows-fit",
        {"rules[daily-backup-rule].start_window": "59m"},
        "rules[daily-backup-rule].start_window",
        ["found 59m; AWS allows 60m and more"],
    ),
    (
        "windows-fit",
        {"rules[daily-backup-rule].completion_window": "76m"},
        "rules[daily-backup-rule].completion_window",
        ["found 1h 16m, but mysql may need 1h start window + 17m backup = 1h 17m"],
    ),
    # 4. RDS's own windows
    (
        "database-windows",
        {"stores[mysql].backup_window": "14:30-15:00"},
        "stores[mysql].backup_window",
        ["found '14:30-15:00': it meets 12-hour-backup-rule on Mon 2026-11-23 14:00, which can be busy until 15:17"],
    ),
    (
        "database-windows",
        {"stores[mysql].maintenance_window": "sun:04:30-sun:05:00"},
        "stores[mysql].maintenance_window",
        ["found 'sun:04:30-sun:05:00' with the 1h before it", "weekly-backup-rule on Sun 2026-11-29 03:00"],
    ),
    (
        "database-windows",
        {"stores[mysql].maintenance_window": "sun:17:15-sun:17:45"},
        "stores[mysql].backup_window",
        ["found '17:00-17:30', which meets maintenance_window 'sun:17:15-sun:17:45'"],
    ),
    # 5. RPO and 6. RTO
    (
        "objectives",
        literal_rules(),
        "stores[mysql].objectives.recovery_point.rpo",
        [
            "promised 12h, worst case 13h 17m from recovery points",
            "+ 1h start window + 17m backup = 13h 17m; shorten it, or accept it",
        ],
    ),
    (
        "objectives",
        {"stores[mysql].objectives.region_loss.rpo": "29m"},
        "stores[mysql].objectives.region_loss.rpo",
        ["promised 29m, worst case 30m from replicated automated backups"],
    ),
    (
        "objectives",
        {"stores[mysql].size": "50GB"},
        "stores[mysql].objectives.point_in_time.rto",
        [
            "RTO not kept: promised 4h, worst case 5h",
            "15m assessment + 4h restore of 62 GB (mysql) + 30m verification + 15m cutover = 5h",
        ],
    ),
    # 7. Retention, cold storage, lock, records
    ("retention", {"stores[mysql].point_in_time": "36d"}, "stores[mysql].point_in_time", ["found 36d; AWS allows 1d to 35d"]),
    (
        "retention",
        {"stores[mysql].replicated_backups_keep": "36d"},
        "stores[mysql].replicated_backups_keep",
        ["found 36d; AWS allows 1d to 35d"],
    ),
    (
        "retention",
        {"rules[weekly-backup-rule].copy_keep": "36501d"},
        "rules[weekly-backup-rule].copy_keep",
        ["found 36501d; AWS allows 1d to 36500d"],
    ),
    (
        "retention",
        {"rules": [{**load("prod").rules[2].model_dump(), "keep": "7d"}]},
        "rules[weekly-backup-rule].keep",
        [
            "the backup of Sun 2026-11-29 03:00 is gone on Sun 2026-12-06 03:00",
            "the next may start as late as Sun 2026-12-06 04:00",
        ],
    ),
    (
        "cold-storage",
        {"rules[weekly-backup-rule].cold_after": "7d"},
        "rules[weekly-backup-rule].cold_after",
        ["7d + AWS's 90d in the cold = 97d, but keep is 30d"],
    ),
    (
        "cold-storage",
        {"rules[weekly-backup-rule].cold_after": "7d", "rules[weekly-backup-rule].keep": "97d", "vault.lock.max_keep": "97d"},
        "rules[weekly-backup-rule].cold_after",
        ["mysql is mysql, which has no cold storage"],
    ),
    (
        "vault-lock",
        {"vault.lock.min_keep": "4d"},
        "rules[12-hour-backup-rule].keep",
        ["found 3d, outside the vault lock's 4d to 35d"],
    ),
    ("vault-lock", {"vault.lock.max_keep": "29d"}, "rules[weekly-backup-rule].copy_keep", ["found 30d, outside"]),
    ("vault-lock", {"vault.lock.min_keep": "36d"}, "vault.lock.min_keep", ["36d is more than max_keep 35d"]),
    (
        "vault-lock",
        {"vault.lock.mode": "compliance", "vault.lock.grace": "3d"},
        "vault.lock.mode",
        ["can never be undone and needs vault.lock.irreversible = true as well"],
    ),
    (
        "vault-lock",
        {"vault.lock.mode": "compliance", "vault.lock.grace": "3d", "vault.lock.irreversible": True, "production": False},
        "vault.lock.mode",
        ["needs production = true as well; or choose 'governance'"],
    ),
    (
        "vault-lock",
        {"vault.lock.mode": "compliance", "vault.lock.grace": "2d", "vault.lock.irreversible": True},
        "vault.lock.grace",
        ["found 2d; AWS allows 3d to 36500d"],
    ),
    (
        "records",
        {"stores[audit-logs].time_to_live": "2556d"},
        "stores[audit-logs].time_to_live",
        ["found 2556d, but its items must live 2557d: 1 days too short"],
    ),
    (
        "records",
        {"stores[audit-logs].archive_keep": "365d"},
        "stores[audit-logs].archive_keep",
        ["found 365d, but its items must live 2557d"],
    ),
    # 8. Replicated backups
    (
        "replicated-backups",
        {"regions.recovery": "ap-south-2"},
        "stores[mysql].replicated_backups",
        ["does not replicate automated backups from ap-southeast-1 to ap-south-2;", "ap-south-1, ap-southeast-2"],
    ),
    (
        "replicated-backups",
        {"regions.primary": "eu-south-1", "regions.recovery": "eu-central-1"},
        "stores[mysql].replicated_backups",
        ["from eu-central-1 to eu-south-1, and coming back is promised (regions.failback)"],
    ),
    # 9. Networks and names
    (
        "networks",
        {"networks.ap-southeast-2.cidr": "10.30.128.0/20"},
        "networks.ap-southeast-1.cidr",
        ["10.30.0.0/16 overlaps 10.30.128.0/20 of ap-southeast-2"],
    ),
    (
        "networks",
        {"networks.ap-southeast-2": ...},
        "regions.recovery",
        ["found 'ap-southeast-2'", "add [networks.ap-southeast-2]"],
    ),
    (
        "networks",
        {"networks.ap-southeast-2.zones": ["ap-southeast-2a", "ap-southeast-1b"]},
        "networks.ap-southeast-2.zones",
        ["found 'ap-southeast-1b', which is not in ap-southeast-2"],
    ),
    (
        "networks",
        {"networks.ap-southeast-2.zones": ["ap-southeast-2a", "ap-southeast-2a"]},
        "networks.ap-southeast-2.zones",
        ["a zone is named twice"],
    ),
    (
        "names",
        {"prefix": "banking-buddy-preproduction"},
        "prefix",
        ["makes the S3 bucket", "AWS allows 63; shorten the prefix by 1"],
    ),
    (
        "names",
        {"prefix": "banking--buddy"},
        "prefix",
        ["makes the DB instance 'banking--buddy-mysql-r0123abcd'", "single hyphens"],
    ),
    (
        "services",
        {"services[user].uses": ["mysql", "ledger"]},
        "services[user].uses",
        ["found 'ledger'; allowed: mysql, audit-logs"],
    ),
    (
        "arns",
        {"stores[mysql].source": "existing", "stores[mysql].arn": "arn:aws:rds:eu-west-1:345678901234:db:bank"},
        "stores[mysql].arn",
        ["found region 'eu-west-1'; allowed: ap-southeast-1 or ap-southeast-2"],
    ),
    (
        "arns",
        {"stores[mysql].source": "existing", "stores[mysql].arn": "arn:aws:rds:ap-southeast-1:999999999999:db:bank"},
        "stores[mysql].arn",
        ["found account '999999999999'; allowed: 345678901234"],
    ),
    # The rest of what the file promises
    (
        "exclusions",
        {"exclusions[redis].review": date(2026, 11, 22)},
        "exclusions[redis].review",
        ["its review was due on 2026-11-22"],
    ),
    ("somebody-is-told", {"alerts.email": []}, "alerts.email", ["nobody is told when a backup of production fails"]),
    (
        "restore-testing",
        {"restore_testing.schedule": "cron(0 6 1 1 ? 2031)"},
        "restore_testing.schedule",
        ["has no run in the 12 months from 2026-11-23"],
    ),
    (
        "restore-testing",
        {"restore_testing.selection_window": "1d"},
        "restore_testing.selection_window",
        ["found 24h, but the newest recovery point can be 7h old + 24h start window of the test = 31h"],
    ),
    (
        "restore-testing",
        {"restore_testing.start_window": "90m"},
        "restore_testing.start_window",
        ["found 1h 30m; AWS allows whole hours from 1h to 7d"],
    ),
    (
        "restore-testing",
        {"restore_testing.validation_window": "3h"},
        "restore_testing.validation_window",
        ["found 3h; what a test restored may be verified for 3h"],
    ),
    (
        "drills",
        {"drills.schedule": "cron(0 10 1 1,7 ? *)"},
        "drills.schedule",
        ["leaves 181d without a run; each quarter must have one"],
    ),
    (
        "drills",
        {"drills.integrity": "cron(0 8 15 1/2 ? *)"},
        "drills.integrity",
        ["leaves 62d without a run; each month must have one"],
    ),
]


@pytest.mark.proves(
    "calendar.expiry-dates",
    "calendar.reassessment",
    "exclusions.buckets",
    "exclusions.lambda",
    "exclusions.record",
    "exclusions.redis",
    "exclusions.service-instances",
    "exclusions.sftp",
    "monitoring.recipient",
    "recovery-region.replication-pairs",
    "recovery-region.separation",
    "schedule.conflicts",
    "schedule.retention",
    "stores.audit-logs-lifetime",
    "stores.mysql-windows",
    "vaults.lock-refusal",
    "vaults.names",
    "verification.restore-test-window",
)
@pytest.mark.parametrize(("guard", "changes", "key", "parts"), REFUSALS)
def test_refuses(altered: Altered, guard: str, changes: dict[str, Any], key: str, parts: list[str]) -> None:
    found = [each for each in check(altered("prod", changes), TODAY) if (each.guard, each.key) == (guard, key)]
    assert found, errors(altered("prod", changes))
    messages = [each.message for each in found]
    assert any(all(part in message for part in parts) for message in messages), messages
    assert {each.severity for each in found} == {Severity.ERROR}
    assert all("\n" not in message for message in messages)


PASSES: list[dict[str, Any]] = [
    {"rules[daily-backup-rule].start_window": "60m", "rules[daily-backup-rule].completion_window": "77m"},
    {"stores[mysql].backup_window": "15:17-15:47"},
    {"stores[mysql].maintenance_window": "sun:05:17-sun:05:47"},
    {"stores[mysql].objectives.region_loss.rpo": "30m"},
    {"stores[mysql].point_in_time": "35d", "stores[mysql].replicated_backups_keep": "35d"},
    {"vault.lock.min_keep": "3d", "vault.lock.max_keep": "30d"},
    {"vault.lock.mode": "compliance", "vault.lock.grace": "3d", "vault.lock.irreversible": True},
    {"vault.lock": {"mode": "off", "irreversible": False}},
    {"stores[audit-logs].time_to_live": "2557d", "stores[audit-logs].archive_keep": "2557d"},
    {"stores[mysql].source": "existing", "stores[mysql].arn": "arn:aws:rds:ap-southeast-2:345678901234:db:bank"},
    {"prefix": "banking-buddy-preproductio"},
    {"networks.ap-southeast-2.cidr": "10.31.0.0/20", "exclusions[redis].review": TODAY},
]


@pytest.mark.proves("calendar.reassessment")
@pytest.mark.parametrize("changes", PASSES)
def test_passes(altered: Altered, changes: dict[str, Any]) -> None:
    assert errors(altered("prod", changes)) == []


def test_a_pair_that_works_one_way_is_enough_when_coming_back_is_not_promised(altered: Altered) -> None:
    pair = {"regions.primary": "eu-south-1", "regions.recovery": "eu-central-1", "regions.failback": False}
    assert not [each for each in check(altered("prod", pair), TODAY) if each.guard == "replicated-backups"]


def test_pairs_matter_only_where_backups_are_replicated(altered: Altered) -> None:
    changes = {"regions.recovery": "ap-south-2", "stores[mysql].replicated_backups": False}
    assert not [each for each in check(altered("prod", changes), TODAY) if each.guard == "replicated-backups"]


@pytest.mark.proves("recovery-region.replication-pairs")
def test_the_table_of_pairs_is_not_symmetrical_where_aws_s_is_not() -> None:
    assert "ap-southeast-2" in DESTINATIONS["ap-southeast-1"]
    assert "ap-southeast-1" in DESTINATIONS["ap-southeast-2"]
    assert "eu-central-1" in DESTINATIONS["eu-south-1"]
    assert "eu-south-1" not in DESTINATIONS["eu-central-1"]
    assert all(source not in reached for source, reached in DESTINATIONS.items())


@pytest.mark.proves("calendar.expiry-dates", "objectives.accepted-breach")
def test_an_accepted_breach_stops_synthesis_after_its_last_day() -> None:
    last = date(2027, 6, 30)
    assert errors(load("dev"), last) == []
    late = errors(load("dev"), date(2027, 7, 1))
    assert any("accepted by platform team until 2027-06-30" in each and "today is 2027-07-01" in each for each in late)


@pytest.mark.proves("objectives.accepted-breach")
def test_an_accepted_breach_that_grew_stops_synthesis(altered: Altered) -> None:
    found = errors(altered("dev", {"rules[12-hour-backup-rule].start_window": "3h"}))
    assert any("worst case 15h 31m" in each and "but only up to 15h" in each for each in found)


def test_an_accepted_breach_that_is_none_any_more_is_worth_a_word(altered: Altered) -> None:
    found = check(altered("dev", {"stores[mysql].replicated_backups": True}), TODAY)
    assert [each.message for each in found if each.key == "accepted_breaches"] == [
        (
            "stores[mysql].objectives.region_loss.rpo is kept (promised 12h, worst case 30m from replicated automated backups: "
            "30m behind (AWS Prescriptive Guidance: 5 to 30 minutes)); the accepted breach can go"
        )
    ]


def test_a_breach_accepted_twice_is_refused(altered: Altered) -> None:
    breaches = [breach.model_dump() for breach in load("dev").accepted_breaches]
    found = errors(altered("dev", {"accepted_breaches": [*breaches, breaches[0]]}))
    assert found == ["error: accepted_breaches: mysql recovery_point rpo is accepted twice; keep one"]


@pytest.mark.proves("schedule.conflicts")
def test_every_guard_is_shown_refusing() -> None:
    assert len(GUARDS) == len(set(GUARDS))
    shown = {guard for guard, _, _, _ in REFUSALS}
    functions = {each.__name__.replace("_", "-") for each in GUARDS}
    assert shown == functions


@pytest.mark.proves("vaults.names")
def test_iam_names_are_global_and_carry_the_region() -> None:
    for purpose in ("backup", "restore", "replicate"):
        assert names.role("bank", purpose, "eu-west-1") != names.role("bank", purpose, "eu-central-1")
        assert "eu-west-1" in names.role("bank", purpose, "eu-west-1")


def models(model: type[BaseModel]) -> set[type[BaseModel]]:
    def inside(annotation: Any) -> set[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return models(annotation)
        return {found for each in get_args(annotation) for found in inside(each)}

    return {model} | {found for field in model.model_fields.values() for found in inside(field.annotation)}


@pytest.mark.proves("documents.strategy-files")
def test_nothing_that_decides_something_has_a_default() -> None:
    """A key may be absent only where absence says it plainly: no archive, no lock's bounds, nothing accepted."""
    optional = {
        f"{model.__name__}.{name}": field.default
        for model in models(Strategy)
        for name, field in model.model_fields.items()
        if not field.is_required()
    }
    assert set(optional) == {
        "Strategy.accepted_breaches",
        "Strategy.dns",
        "DynamoDbStore.archive_keep",
        "MySqlStore.option_group",
        "MySqlStore.parameter_group",
        "MySqlStore.subnet_group",
        "DynamoDbStore.arn",
        "DynamoDbStore.identifier",
        "DynamoDbStore.written_at",
        "Exclusion.rpo",
        "Exclusion.rto",
        "Lock.grace",
        "Lock.max_keep",
        "Lock.min_keep",
        "MySqlStore.arn",
        "MySqlStore.identifier",
        "Rule.cold_after",
    }
    assert all(not default for default in optional.values())
