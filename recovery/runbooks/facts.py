"""What a runbook's page says about an environment: names, settings, durations. A pure function of the strategy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from recovery.runbooks.steps import told
from strategy import Strategy
from strategy.catalogue import names, store_arns
from strategy.catalogue.region_steps import region_steps
from strategy.catalogue.route_names import name_of
from strategy.catalogue.routes import Mode, Route, modes
from strategy.checks.objectives import Step, recovery_steps
from strategy.model.field_types import duration_text, size_text
from strategy.model.stores import DynamoDbStore, MySqlStore, Scenario, StoreKind

Store = MySqlStore | DynamoDbStore


def of_route(strategy: Strategy, route: Route, store: Store) -> dict[str, Any]:
    """For the route of one store, in the primary region."""
    region = strategy.regions.primary
    scenario = Scenario.POINT_IN_TIME if route.to_a_moment else Scenario.RECOVERY_POINT
    return {
        **_common(strategy, region),
        "route": route,
        "name": name_of(route),
        "steps": told(route, Mode.SWITCH),
        "problems": _union(route),
        "keeps": duration_text(store.point_in_time),
        "first": store_arns.physical_name(strategy, store),
        "arn": store_arns.arn(strategy, store, region),
        **_logins(strategy, store),
        **_durations(strategy, scenario, [store]),
        "rpo": duration_text(store.objectives.of(scenario).rpo),
        "rto": duration_text(store.objectives.of(scenario).rto),
    }


def of_region(strategy: Strategy) -> dict[str, Any]:
    """For the loss of the primary region, in the recovery region. LookupError for a strategy without a store of each kind."""
    region, lost, prefix = strategy.regions.recovery, strategy.regions.primary, strategy.prefix
    stores = {store.kind: store for store in strategy.stores}
    mysql, table = stores[StoreKind.MYSQL], stores[StoreKind.DYNAMODB]
    objectives = [each.objectives.region_loss for each in strategy.stores]
    return {
        **_common(strategy, region),
        "lost_region": lost,
        "steps": region_steps(approvals=True),
        "recoveries": names.RECOVERIES,
        "mysql": mysql,
        "table": table,
        "mysql_name": store_arns.physical_name(strategy, mysql),
        "table_name": store_arns.physical_name(strategy, table),
        "mysql_arn": store_arns.arn(strategy, mysql, region),
        "table_arn": store_arns.arn(strategy, table, region),
        "mysql_lost": store_arns.arn(strategy, mysql, lost),
        "table_lost": store_arns.arn(strategy, table, lost),
        "address": names.service_address(prefix, strategy.services[0].name) if strategy.services else "",
        "read_check": strategy.services[0].read_check if strategy.services else "",
        "throw_switch": names.function(prefix, "throw-switch"),
        "mysql_endpoint": names.endpoint(prefix, mysql.name),
        "table_endpoint": names.endpoint(prefix, table.name),
        **_logins(strategy, mysql),
        **_durations(strategy, Scenario.REGION_LOSS, strategy.stores),
        "rpo": duration_text(max(each.rpo for each in objectives)),
        "rto": duration_text(min(each.rto for each in objectives)),
    }


def _logins(strategy: Strategy, store: Store) -> dict[str, Any]:
    """Who signs in to it, with which secrets, from where."""
    prefix, services = strategy.prefix, strategy.services_of(store.name)
    return {
        "store": store,
        "endpoint": names.endpoint(prefix, store.name),
        "secret": names.database_secret(prefix, store.name),
        "service_secrets": [names.service_secret(prefix, store.name, each.name) for each in services],
        "service_users": [names.service_user(each.name) for each in services],
        "environments": [names.service_environment(prefix, each.name) for each in services],
    }


def _union(route: Route) -> list[Any]:
    """The steps of all modes, each once."""
    return list(dict.fromkeys(each for mode in modes(route) for each in told(route, mode)))


def _common(strategy: Strategy, region: str) -> dict[str, Any]:
    prefix = strategy.prefix
    return {
        "environment": strategy.environment,
        "account": strategy.account,
        "region": region,
        "where": f"--env {strategy.environment} --region {region}",
        "prefix": prefix,
        "backup_stack": names.stack_id(prefix, "backup", region),
        "vault": names.backup_vault(prefix),
        "copy_vault": names.copy_vault(prefix),
        "role": names.role_arn(prefix, "restore", region, strategy.account),
        "subnet_group": names.subnet_group(prefix),
        "parameter_group": names.parameter_group(prefix),
        "security_group": names.parameter(prefix, "network", "database-security-group"),
        "bucket": names.evidence_bucket(prefix, region, strategy.account),
        "restores": names.RESTORES,
        "topic": names.alert_topic(prefix),
        "tags": dict(strategy.tags),
        "time_to_live": names.TIME_TO_LIVE,
    }


def _durations(strategy: Strategy, scenario: Scenario, stores: Sequence[Store]) -> dict[str, Any]:
    """The critical path, and its sum."""
    restores = {}
    for store in stores:
        band = strategy.durations.of(store.kind).restore_of(store.expected_size)
        restores[store.name] = Step(f"restore of {size_text(store.expected_size)}", band.takes if band else None)
    path = recovery_steps(strategy, scenario, restores)
    known = [step.takes for step in path if step.takes is not None]
    return {
        "path": [(step.name, duration_text(step.takes) if step.takes is not None else "not modelled") for step in path],
        "total": duration_text(sum(known, timedelta())) if len(known) == len(path) else "not modelled",
    }
