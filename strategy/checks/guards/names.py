"""Names: what `strategy.catalogue.names` makes of the prefix must be a name AWS takes, in both regions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from strategy.catalogue import names as naming
from strategy.catalogue.drill_steps import WORKFLOW as DRILL
from strategy.catalogue.drill_steps import Purpose
from strategy.catalogue.restore_test_names import ANSWER, WATCH
from strategy.catalogue.routes import Route
from strategy.catalogue.store_arns import physical_name
from strategy.checks.guards.finding import Finding, error
from strategy.model.stores import MySqlStore
from strategy.model.strategy import Strategy


@dataclass(frozen=True)
class _Limit:
    what: str
    most: int
    pattern: str
    rule: str
    """The pattern in words."""


_VAULT = _Limit("backup vault", 50, r"[a-zA-Z0-9_-]{2,}", "letters, digits, hyphens, underscores")
_PLAN = _Limit("backup plan or selection", 50, r"[a-zA-Z0-9._-]+", "letters, digits, dots, hyphens, underscores")
_INSTANCE = _Limit("DB instance", 63, r"[a-z](-?[a-z0-9])*", "a letter, then letters, digits and single hyphens, none at the end")
_TABLE = _Limit("DynamoDB table", 255, r"[a-zA-Z0-9_.-]{3,}", "3 or more letters, digits, dots, hyphens, underscores")
_ROLE = _Limit("IAM role", 64, r"[\w+=,.@-]+", "letters, digits and +=,.@-_")
_BUCKET = _Limit("S3 bucket", 63, r"[a-z0-9][a-z0-9.-]+[a-z0-9]", "lower-case letters, digits, dots, hyphens")
_AUDIT = _Limit("framework, report plan or restore test", 50, r"[a-z]\w*", "a letter, then letters, digits, underscores")
_RULE = _Limit("EventBridge rule", 64, r"[.\w-]+", "letters, digits, dots, hyphens, underscores")
_PURPOSES = ("backup", "restore", "replicate", naming.ACTIVATE, naming.BEANSTALK, naming.SFTP)


def names(strategy: Strategy, _today: date) -> Iterator[Finding]:
    """One finding for each name that is too long or has a character AWS does not take."""
    for name, limit in _names(strategy):
        if len(name) > limit.most:
            over = f"{len(name)} characters, and AWS allows {limit.most}; shorten the prefix by {len(name) - limit.most}"
            yield error("names", "prefix", f"makes the {limit.what} {name!r}: {over}")
        elif not re.fullmatch(limit.pattern, name):
            yield error("names", "prefix", f"makes the {limit.what} {name!r}; AWS allows {limit.rule}")


def arns(strategy: Strategy, _today: date) -> Iterator[Finding]:
    """An existing store must be one that this environment's plan can select."""
    regions = (strategy.regions.primary, strategy.regions.recovery)
    for store in strategy.stores:
        if store.arn is None:
            continue
        _, _, _, region, account, _ = store.arn.split(":", 5)
        key = f"stores[{store.name}].arn"
        if region not in regions:
            yield error("arns", key, f"found region {region!r}; allowed: {' or '.join(regions)}, this environment's regions")
        if account != strategy.account:
            yield error("arns", key, f"found account {account!r}; allowed: {strategy.account}, this environment's account")


def services(strategy: Strategy, _today: date) -> Iterator[Finding]:
    """A service that uses a store which does not exist would not be restarted when the one it means has moved."""
    known = [store.name for store in strategy.stores]
    for service in strategy.services:
        for name in service.uses:
            if name not in known:
                yield error("services", f"services[{service.name}].uses", f"found {name!r}; allowed: {', '.join(known)}")


def _names(strategy: Strategy) -> Iterator[tuple[str, _Limit]]:
    prefix = strategy.prefix
    yield naming.backup_vault(prefix), _VAULT
    yield naming.copy_vault(prefix), _VAULT
    yield naming.backup_plan(prefix), _PLAN
    yield naming.backup_selection(prefix), _PLAN
    yield naming.restore_testing_plan(prefix), _AUDIT
    for store in strategy.stores:
        if store.source == "managed":
            yield (
                naming.restored(physical_name(strategy, store), "r0123abcd"),
                _INSTANCE if isinstance(store, MySqlStore) else _TABLE,
            )
        if isinstance(store, MySqlStore) and store.read_replica:
            yield naming.read_replica(prefix, store.name), _INSTANCE
    for region in (strategy.regions.primary, strategy.regions.recovery):
        yield naming.evidence_bucket(prefix, region, strategy.account), _BUCKET
        yield naming.shared_data_bucket(prefix, region, strategy.account), _BUCKET
        for purpose in (*_PURPOSES, *(naming.service_role(each.name) for each in strategy.services)):
            yield naming.role(prefix, purpose, region), _ROLE
    for words in _rules(strategy):
        yield naming.rule(prefix, *words), _RULE


def _rules(strategy: Strategy) -> Iterator[tuple[str, ...]]:
    """Purposes of the rules that have a role, which names them."""
    yield from ((each,) for each in (ANSWER, WATCH))
    yield (DRILL, "ended")
    for store in strategy.stores:
        yield (DRILL, store.name, Purpose.INTEGRITY.value)
        yield from ((DRILL, store.name, str(route).removeprefix(f"{route.kind}-")) for route in Route if route.kind == store.kind)
    yield from ((naming.MANIFESTS, each.name) for each in strategy.rules)
