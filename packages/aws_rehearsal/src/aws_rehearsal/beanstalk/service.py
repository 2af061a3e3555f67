"""The operations of Elastic Beanstalk that an application's owner, and a recovery, call."""

from __future__ import annotations

import contextlib
import secrets
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_rehearsal.beanstalk.environment import Environment
from aws_rehearsal.service import Service, ServiceError

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

CREATION = timedelta(minutes=5)
RESTART = timedelta(minutes=1)
"""How long the instances of an environment need. Modelled, not measured."""
_INVALID = "InvalidParameterValue"


class ElasticBeanstalk(Service):
    """State is keyed by region; the lock is never held while a server starts or stops, because it may call the cloud."""

    name = "elasticbeanstalk"

    def __init__(self, cloud: Cloud, account: str) -> None:
        self._cloud = cloud
        self._account = account
        self._lock = threading.RLock()
        self._applications: dict[str, dict[str, dict[str, Any]]] = {}
        self._environments: dict[str, dict[str, Environment]] = {}

    # ------------------------------------------------------------------ operations
    def create_application(self, region: str, *, ApplicationName: str, Description: str = "") -> dict[str, Any]:
        with self._lock:
            applications = self._applications.setdefault(region, {})
            if ApplicationName in applications:
                raise ServiceError(_INVALID, f"Application {ApplicationName} already exists.")
            arn = self._arn(region, "application", ApplicationName)
            created = {"ApplicationName": ApplicationName, "ApplicationArn": arn, "Description": Description}
            applications[ApplicationName] = created | {"DateCreated": self._cloud.clock.now()}
            return {"Application": applications[ApplicationName]}

    def create_environment(self, region: str, *, ApplicationName: str, EnvironmentName: str) -> dict[str, Any]:
        """The server is started at once; the environment is Ready some minutes later."""
        server = self._cloud.application_servers.get(EnvironmentName)
        with self._lock:
            if ApplicationName not in self._applications.get(region, {}):
                raise ServiceError(_INVALID, f"No Application named '{ApplicationName}' found.")
            environments = self._environments.setdefault(region, {})
            if EnvironmentName in environments:
                raise ServiceError(_INVALID, f"Environment {EnvironmentName} already exists.")
            if server is None:
                raise ServiceError(_INVALID, f"the embedded AWS has no application server for {EnvironmentName}")
            arn = self._arn(region, "environment", f"{ApplicationName}/{EnvironmentName}")
            identifier = f"e-{secrets.token_hex(5)}"
            environment = Environment(EnvironmentName, ApplicationName, identifier, arn, self._cloud.clock.now(), server)
            environments[EnvironmentName] = environment
        environment.start()
        self._ready_after(CREATION, region, environment)
        return environment.describe()

    def describe_environments(
        self,
        region: str,
        *,
        ApplicationName: str | None = None,
        EnvironmentNames: list[str] | None = None,
        EnvironmentIds: list[str] | None = None,
        IncludeDeleted: bool = False,
        MaxRecords: int | None = None,
    ) -> dict[str, Any]:
        """A name that is not there is left out, and no error. What was terminated is forgotten at once; there is one page."""
        del IncludeDeleted, MaxRecords
        with self._lock:
            found = [
                each
                for each in self._environments.get(region, {}).values()
                if ApplicationName in {None, each.application}
                and (not EnvironmentNames or each.name in EnvironmentNames)
                and (not EnvironmentIds or each.identifier in EnvironmentIds)
            ]
        return {"Environments": [each.describe() for each in found]}

    def restart_app_server(self, region: str, *, EnvironmentName: str | None = None, EnvironmentId: str | None = None) -> None:
        """Answers at once. The server stops, and a virtual minute later starts anew."""
        environment = self._environment(region, EnvironmentName, EnvironmentId)
        if environment.status != "Ready":
            where = f"Environment named {environment.name} is in an invalid state for this operation"
            raise ServiceError(_INVALID, f"{where}. Must be Ready.")
        environment.status, environment.updated = "Updating", self._cloud.clock.now()
        clock = self._cloud.clock

        def start() -> None:
            if self._is_there(region, environment):
                environment.start()
                environment.status = "Ready"

        def stop() -> None:  # on the clock's thread: what the server ended by is raised to whoever drives the clock
            clock.call_after(RESTART, start)
            environment.server.stop()

        clock.call_after(timedelta(0), stop)

    def terminate_environment(
        self, region: str, *, EnvironmentName: str | None = None, EnvironmentId: str | None = None
    ) -> dict[str, Any]:
        environment = self._environment(region, EnvironmentName, EnvironmentId)
        with self._lock:
            self._environments[region].pop(environment.name, None)
        environment.status = "Terminating"
        environment.server.stop()
        return environment.describe()

    def there(self, region: str) -> list[Environment]:
        """For whoever sends requests to them."""
        with self._lock:
            return list(self._environments.get(region, {}).values())

    # ------------------------------------------------------------------ ends
    def lose(self, region: str) -> None:
        """The region's servers are gone with it."""
        with self._lock:
            self._applications.pop(region, None)
            gone = self._environments.pop(region, {})
        for environment in gone.values():
            with contextlib.suppress(Exception):  # that its stores were lost under it is no news
                environment.server.stop()

    def close(self) -> None:
        for region in list(self._environments):
            self.lose(region)

    # ------------------------------------------------------------------ machinery
    def _environment(self, region: str, name: str | None, identifier: str | None) -> Environment:
        with self._lock:
            for each in self._environments.get(region, {}).values():
                if name == each.name or (name is None and identifier == each.identifier):
                    return each
        key, value = ("EnvironmentName", name) if name else ("EnvironmentId", identifier)
        raise ServiceError(_INVALID, f"No Environment found for {key} = '{value}'.")

    def _is_there(self, region: str, environment: Environment) -> bool:
        with self._lock:
            return self._environments.get(region, {}).get(environment.name) is environment

    def _ready_after(self, delay: timedelta, region: str, environment: Environment) -> None:
        def ready() -> None:
            if self._is_there(region, environment):
                environment.status = "Ready"

        self._cloud.clock.call_after(delay, ready)

    def _arn(self, region: str, kind: str, name: str) -> str:
        return f"arn:aws:elasticbeanstalk:{region}:{self._account}:{kind}/{name}"
