"""What a region must hold to take over tonight, should the other one be lost."""

from __future__ import annotations

from datetime import date

from strategy.catalogue import names, store_arns
from strategy.catalogue.region_steps import WORKFLOW
from strategy.checks import objectives
from strategy.contracts.preflight import AgeLimit, Certificate, Engine, PreflightRequest, PreflightStore, Quota, Release
from strategy.formatting import whole_seconds
from strategy.model.strategy import DynamoDbStore, MySqlStore, Scenario, Store, Strategy

FORMAT = 1
BOOTSTRAP = 6
"""Version of the CDK's bootstrap stack that the CDK's own templates ask for."""
_ANY_DAY = date(2026, 1, 5)
"""The day matters only for a schedule that names years; a template must not change from day to day."""
_ELSEWHERE = "*"
_DATABASES, _ADDRESSES, _BALANCERS = ("rds", "L-7B6409FD"), ("ec2", "L-0263D0A3"), ("elasticloadbalancing", "L-53DA6B97")
"""Service Quotas' names: DB instances, Elastic IP addresses, application load balancers; each of a region."""


def request_for(strategy: Strategy, region: str) -> PreflightRequest:
    prefix, account = strategy.prefix, strategy.account
    zones = len(strategy.networks[region].zones)
    databases = [store for store in strategy.stores if isinstance(store, MySqlStore)]
    evidence = names.evidence_bucket(prefix, region, account)
    return PreflightRequest(
        format=FORMAT,
        environment=strategy.environment,
        prefix=prefix,
        account=account,
        region=region,
        bootstrap=BOOTSTRAP,
        quotas=(
            _quota(_DATABASES, "DB instances", len(databases)),
            _quota(_ADDRESSES, "Elastic IP addresses", zones if strategy.production else 1),
        ),
        opted_in=tuple(sorted({"RDS" if isinstance(store, MySqlStore) else "DynamoDB" for store in strategy.stores})),
        keys=tuple(names.key_alias(prefix, purpose) for purpose in _keys(strategy)),
        secrets=tuple(name for store in databases if store.source == "managed" for name in _secrets(strategy, store)),
        home=region == names.home(strategy.regions.primary, strategy.regions.recovery),
        services=tuple(service.name for service in strategy.services),
        releases=tuple(_release(prefix, service.name) for service in strategy.services),
        application=names.service_application(prefix),
        certificates=_certificates(strategy, region),
        switch=names.switch(prefix),
        subnet_group=names.subnet_group(prefix),
        parameter_group=names.parameter_group(prefix),
        engines=tuple(Engine(version=store.engine_version, instance_class=store.instance_class) for store in databases),
        vault=names.copy_vault(prefix),
        evidence=evidence,
        buckets=(evidence, names.shared_data_bucket(prefix, region, account)),
        workflow=names.state_machine_arn(prefix, WORKFLOW, region, account),
        stores=tuple(_store(strategy, store) for store in strategy.stores),
    )


def _release(prefix: str, service: str) -> Release:
    return Release(
        service=service, version=names.service_version(prefix, service), platform=names.service_platform(prefix, service)
    )


def _certificates(strategy: Strategy, region: str) -> tuple[Certificate, ...]:
    dns = strategy.dns
    return (Certificate(name=dns.name, arn=dns.certificates[region]),) if dns and region in dns.certificates else ()


def _quota(code: tuple[str, str], what: str, needed: int) -> Quota:
    return Quota(service=code[0], code=code[1], what=what, needed=needed)


def _keys(strategy: Strategy) -> list[str]:
    databases = [store for store in strategy.stores if isinstance(store, MySqlStore)]
    receives = any(store.replicated_backups or store.read_replica for store in databases)
    return ["copies", *(["replicated-backups"] if receives else [])]


def _secrets(strategy: Strategy, store: MySqlStore) -> list[str]:
    services = [names.service_secret(strategy.prefix, store.name, each.name) for each in strategy.services_of(store.name)]
    return [names.database_secret(strategy.prefix, store.name), *services]


def _store(strategy: Strategy, store: Store) -> PreflightStore:
    physical = store_arns.physical_name(strategy, store)
    replicated = isinstance(store, MySqlStore) and store.replicated_backups
    return PreflightStore(
        name=store.name,
        kind=str(store.kind),
        physical=physical,
        elsewhere=store_arns.arn(strategy, store, _ELSEWHERE),
        copies=_limits(strategy, store, "copies"),
        replicated=_limits(strategy, store, "replicated automated backups") if replicated else None,
        replica=_replica(strategy, store, physical),
    )


def _replica(strategy: Strategy, store: Store, physical: str) -> str:
    if isinstance(store, DynamoDbStore):
        return physical if store.replica else ""
    return names.read_replica(strategy.prefix, store.name) if store.read_replica else ""


def _limits(strategy: Strategy, store: Store, way: str) -> AgeLimit:
    limit = whole_seconds(objectives.limit(strategy, store, Scenario.REGION_LOSS, way, _ANY_DAY))
    untils = [each.until for each in strategy.accepted_breaches if (each.store, each.scenario, each.objective) == _key(store)]
    if not untils:
        return AgeLimit(limit_seconds=limit)
    strict = strategy.model_copy(update={"accepted_breaches": ()})
    later = objectives.limit(strict, store, Scenario.REGION_LOSS, way, _ANY_DAY)
    return AgeLimit(limit_seconds=limit, until=untils[0].isoformat(), later_seconds=whole_seconds(later))


def _key(store: Store) -> tuple[str, Scenario, str]:
    return store.name, Scenario.REGION_LOSS, "rpo"
