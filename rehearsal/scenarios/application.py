"""The application in the primary region, as its own team would set it up: database users, environments, and what runs in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from aws_rehearsal import INHABITANT, Cloud, authority_path
from deployment.release import record
from rehearsal.bank import Application, Ledger, Service, create_service_user
from rehearsal.bank.connections import Connected, Items, Sql, read_endpoint
from rehearsal.scenarios.stores import Stores
from strategy import Strategy
from strategy.catalogue import names

ACCESS_KEY = "services"
"""Access key id by which the embedded AWS tells the services' calls from others."""


def release(cloud: Cloud, strategy: Strategy) -> None:
    """What the application's team has in place before anything is deployed: releases in both regions, and a zone for its name."""
    for region in (strategy.regions.primary, strategy.regions.recovery):
        for service in strategy.services:
            record(
                cloud.client("ssm", region),
                strategy.prefix,
                service.name,
                version=names.version_label(service.name, "1"),
                platform=f"64bit Amazon Linux 2023 v4.9.0 running {service.platform}",
            )
    if strategy.dns:
        route53 = cloud.client("route53", strategy.regions.recovery)
        route53.create_hosted_zone(Name=strategy.dns.zone, CallerReference=strategy.prefix)


def create_users(cloud: Cloud, strategy: Strategy, stores: Stores, connection: Connection[Cursor], region: str) -> None:
    """The services' database users, each with the password of its secret."""
    secrets = cloud.client("secretsmanager", region)
    for service in strategy.services_of(stores.mysql_store.name):
        name = names.service_secret(strategy.prefix, stores.mysql_store.name, service.name)
        login = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
        create_service_user(connection, service.name, user=login["username"], password=login["password"])


def install(
    cloud: Cloud, strategy: Strategy, stores: Stores, ledger: Ledger, *, region: str, seed: int, first: int = 0
) -> Application:
    """One environment for each service of the strategy that uses a store; its application server is started with it.

    Where the region has no endpoints yet, the servers end at once, and wait for a restart.
    """
    beanstalk = cloud.client("elasticbeanstalk", region)
    beanstalk.create_application(ApplicationName=strategy.prefix)
    finder = _Finder(cloud, strategy, stores, region)
    services = {}
    for service in (each for each in strategy.services if each.uses):
        environment = names.service_environment(strategy.prefix, service.name)
        find = partial(finder.find, service.name, service.uses)
        services[service.name] = Service(service.name, find, ledger, seed=seed, first=first)
        cloud.application_servers[environment] = services[service.name]
        beanstalk.create_environment(ApplicationName=strategy.prefix, EnvironmentName=environment)
    return Application(services)


@dataclass
class _Finder:
    """What a service looks up when it starts, with credentials of its own. Its calls do not hold the clock."""

    cloud: Cloud
    strategy: Strategy
    stores: Stores
    region: str

    def __post_init__(self) -> None:
        self._clients = {
            name: self.cloud.client(name, self.region, mark=INHABITANT, caller=ACCESS_KEY)
            for name in ("ssm", "secretsmanager", "dynamodb")
        }

    def find(self, service: str, uses: tuple[str, ...]) -> Connected:
        sql = self._sql(service) if self.stores.mysql_store.name in uses else None
        items = self._items() if self.stores.table_store.name in uses else None
        return Connected(sql, items)

    def _sql(self, service: str) -> Sql:
        prefix, store = self.strategy.prefix, self.stores.mysql_store.name
        at = read_endpoint(self._clients["ssm"], names.endpoint(prefix, store))
        secret = self._clients["secretsmanager"].get_secret_value(SecretId=names.service_secret(prefix, store, service))
        login = json.loads(secret["SecretString"])
        arn = self.stores.arn("mysql", self.region, at["resource"])
        authority = str(authority_path(self.cloud.directory))
        return Sql(arn, at["host"], int(at["port"]), login["username"], login["password"], authority, store)

    def _items(self) -> Items:
        name = self.stores.table_store.name
        at = read_endpoint(self._clients["ssm"], names.endpoint(self.strategy.prefix, name))
        return Items(self.stores.arn("dynamodb", self.region, at["resource"]), at["resource"], self._clients["dynamodb"], name)
