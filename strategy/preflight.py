"""What a region must hold to take over tonight, as one JSON value: the client's and the daily function's list of questions.

It names no other region: a template of the recovery region must not. Where something is of the other region, its ARN has a `*` in
that region's place. Safe to read in a Lambda function, which has no pydantic; made where there is a Strategy.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from strategy.catalogue import names as naming
from strategy.catalogue import store_arns
from strategy.catalogue.region_steps import WORKFLOW
from strategy.checks import objectives
from strategy.model.strategy import DynamoDbStore, MySqlStore, Scenario, Store, Strategy

FORMAT = 1
SCHEDULE = "cron(30 6 * * ? *)"
"""After the night's last backup and its copy; before the day's people come."""
BOOTSTRAP = 6
"""Version of the CDK's bootstrap stack that the CDK's own templates ask for."""
_ANY_DAY = date(2026, 1, 5)
"""The day matters only for a schedule that names years; a template must not change from day to day."""
_ELSEWHERE = "*"
_DATABASES, _ADDRESSES, _BALANCERS = ("rds", "L-7B6409FD"), ("ec2", "L-0263D0A3"), ("elasticloadbalancing", "L-53DA6B97")
"""Service Quotas' names: DB instances, Elastic IP addresses, application load balancers; each of a region."""


def wanted(strategy: Strategy, region: str) -> dict[str, Any]:
    """Of `region`, should the other one be lost."""
    prefix, account = strategy.prefix, strategy.account
    zones = len(strategy.networks[region].zones)
    databases = [store for store in strategy.stores if isinstance(store, MySqlStore)]
    return {
        "format": FORMAT,
        "environment": strategy.environment,
        "prefix": prefix,
        "account": account,
        "region": region,
        "bootstrap": BOOTSTRAP,
        "quotas": [
            _quota(_DATABASES, "DB instances", len(databases)),
            _quota(_ADDRESSES, "Elastic IP addresses", zones if strategy.production else 1),
        ],
        "opted_in": sorted({"RDS" if isinstance(store, MySqlStore) else "DynamoDB" for store in strategy.stores}),
        "keys": [naming.key_alias(prefix, purpose) for purpose in _keys(strategy)],
        "secrets": [name for store in databases if store.source == "managed" for name in _secrets(strategy, store)],
        "home": region == naming.home(strategy.regions.primary, strategy.regions.recovery),
        "services": [service.name for service in strategy.services],
        "releases": [_release(prefix, service.name) for service in strategy.services],
        "application": naming.service_application(prefix),
        "certificates": _certificates(strategy, region),
        "switch": naming.switch(prefix),
        "subnet_group": naming.subnet_group(prefix),
        "parameter_group": naming.parameter_group(prefix),
        "engines": [{"version": store.engine_version, "instance_class": store.instance_class} for store in databases],
        "vault": naming.copy_vault(prefix),
        "evidence": naming.evidence_bucket(prefix, region, account),
        "buckets": [naming.evidence_bucket(prefix, region, account), naming.shared_data_bucket(prefix, region, account)],
        "workflow": naming.state_machine_arn(prefix, WORKFLOW, region, account),
        "stores": [_store(strategy, store) for store in strategy.stores],
    }


def _release(prefix: str, service: str) -> dict[str, str]:
    """Parameters that each release writes in a region."""
    names = {"version": naming.service_version(prefix, service), "platform": naming.service_platform(prefix, service)}
    return {"service": service, **names}


def _certificates(strategy: Strategy, region: str) -> list[dict[str, str]]:
    dns = strategy.dns
    return [{"name": dns.name, "arn": dns.certificates[region]}] if dns and region in dns.certificates else []


def _quota(code: tuple[str, str], what: str, needed: int) -> dict[str, Any]:
    return {"service": code[0], "code": code[1], "what": what, "needed": needed}


def _keys(strategy: Strategy) -> list[str]:
    databases = [store for store in strategy.stores if isinstance(store, MySqlStore)]
    receives = any(store.replicated_backups or store.read_replica for store in databases)
    return ["copies", *(["replicated-backups"] if receives else [])]


def _secrets(strategy: Strategy, store: MySqlStore) -> list[str]:
    services = [naming.service_secret(strategy.prefix, store.name, each.name) for each in strategy.services_of(store.name)]
    return [naming.database_secret(strategy.prefix, store.name), *services]


def _store(strategy: Strategy, store: Store) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": store.name,
        "kind": str(store.kind),
        "physical": store_arns.physical_name(strategy, store),
        "elsewhere": store_arns.arn(strategy, store, _ELSEWHERE),
        "copies": _limits(strategy, store, "copies"),
    }
    if isinstance(store, MySqlStore) and store.replicated_backups:
        found["replicated"] = _limits(strategy, store, "replicated automated backups")
    if isinstance(store, MySqlStore) and store.read_replica:
        found["replica"] = naming.read_replica(strategy.prefix, store.name)
    if isinstance(store, DynamoDbStore) and store.replica:
        found["replica"] = found["physical"]
    return found


def _limits(strategy: Strategy, store: Store, way: str) -> dict[str, Any]:
    """How old the newest data of that way may be, in seconds; where more is accepted, until when, and what holds after."""
    limit = objectives.limit(strategy, store, Scenario.REGION_LOSS, way, _ANY_DAY)
    found: dict[str, Any] = {"limit_seconds": _seconds(limit)}
    untils = [each.until for each in strategy.accepted_breaches if (each.store, each.scenario, each.objective) == _key(store)]
    if untils:
        strict = strategy.model_copy(update={"accepted_breaches": ()})
        later = objectives.limit(strict, store, Scenario.REGION_LOSS, way, _ANY_DAY)
        found |= {"until": untils[0].isoformat(), "later_seconds": _seconds(later)}
    return found


def _key(store: Store) -> tuple[str, Scenario, str]:
    return store.name, Scenario.REGION_LOSS, "rpo"


def _seconds(value: timedelta) -> int:
    return int(value.total_seconds())
