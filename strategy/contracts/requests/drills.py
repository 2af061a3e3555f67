"""What is drilled in a region: the drill's function plans by it, and what is unproved is counted by it."""

from __future__ import annotations

from collections.abc import Iterator

from strategy.catalogue import names, store_arns
from strategy.catalogue.routes import Route, Step
from strategy.contracts.drills import DatabaseSettings, Drilled, DrilledStore, ProofsRequest, TableSettings
from strategy.contracts.requests.dates import dates_of
from strategy.formatting import whole_seconds
from strategy.model.strategy import DynamoDbStore, MySqlStore, Store, Strategy

FORMAT = 1


def drilled_in(strategy: Strategy, region: str) -> Drilled:
    return Drilled(
        format=FORMAT,
        environment=strategy.environment,
        prefix=strategy.prefix,
        account=strategy.account,
        region=region,
        role=_role(strategy, region),
        tags=dict(strategy.tags),
        evidence=names.evidence_bucket(strategy.prefix, region, strategy.account),
        stores=tuple(_store(strategy, store, region) for store in strategy.stores),
    )


def proofs_for(strategy: Strategy, region: str) -> ProofsRequest:
    return ProofsRequest(
        environment=strategy.environment,
        prefix=strategy.prefix,
        region=region,
        evidence=names.evidence_bucket(strategy.prefix, region, strategy.account),
        drills=strategy.drills.schedule,
        integrity=strategy.drills.integrity,
        routes=tuple((str(route), store.name) for store, route in drilled(strategy, region)),
        stores=tuple(store.name for store in strategy.stores) if _role(strategy, region) == "primary" else (),
    )


def drilled(strategy: Strategy, region: str) -> Iterator[tuple[Store, Route]]:
    """Every documented route of every store. In the recovery region those by which a lost region's stores come back: from the
    copies, and from replicated automated backups where there are any.
    """
    for store in strategy.stores:
        for route in Route:
            if route.kind == store.kind and (_role(strategy, region) == "primary" or _from_elsewhere(store, route)):
                yield store, route


def integrity_route(store: Store) -> Route:
    """To the second of a manifest."""
    return Route(f"{store.kind}-to-a-moment")


def _from_elsewhere(store: Store, route: Route) -> bool:
    return not route.to_a_moment or (isinstance(store, MySqlStore) and store.replicated_backups)


def _role(strategy: Strategy, region: str) -> str:
    return "primary" if region == strategy.regions.primary else "recovery"


def _store(strategy: Strategy, store: Store, region: str) -> DrilledStore:
    durations = strategy.durations
    band = durations.of(store.kind).restore_of(store.expected_size)
    expected = {Step.VERIFY: durations.verification.takes, **({Step.RESTORE: band.takes} if band else {})}
    return DrilledStore(
        name=store.name,
        kind=str(store.kind),
        physical=store_arns.physical_name(strategy, store),
        routes=tuple(str(route) for each, route in drilled(strategy, region) if each.name == store.name),
        services=tuple(each.name for each in strategy.services_of(store.name)),
        expected_seconds={str(step): whole_seconds(takes) for step, takes in expected.items()},
        verification=dates_of(store),
        settings=_settings(store),
    )


def _settings(store: Store) -> DatabaseSettings | TableSettings:
    if isinstance(store, DynamoDbStore):
        return TableSettings(source=store.source, point_in_time_days=store.point_in_time.days, replica=store.replica)
    return DatabaseSettings(
        source=store.source,
        point_in_time_days=store.point_in_time.days,
        instance_class=store.instance_class,
        multi_az=store.multi_az,
        backup_window=str(store.backup_window),
        maintenance_window=str(store.maintenance_window),
        replicated_backups=store.replicated_backups,
        read_replica=store.read_replica,
    )
