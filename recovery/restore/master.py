"""The way to a MySQL server's master user: its secret, and the function that stands inside the VPC.

Passwords pass from the secret into that one call, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from recovery.lambda_runtime import TryAgain
from recovery.mysql import DatabaseUnreachable, LoginRefused
from recovery.restore.database import DatabaseRefused
from recovery.restore.plan import Plan
from strategy.catalogue import names
from strategy.contracts.contract import Contract
from strategy.contracts.database import (
    DATABASE,
    Account,
    Connections,
    DatabaseAction,
    DatabaseRequest,
    LoginAnswer,
    PasswordsSet,
    UsersFenced,
    UsersLifted,
)

C = TypeVar("C", bound=Contract)
Client = Callable[[str], Any]
_SAID: Mapping[str, type[Exception]] = {
    "DatabaseRefused": DatabaseRefused,
    "DatabaseUnreachable": DatabaseUnreachable,
    "LoginRefused": LoginRefused,
    "StillConnected": TryAgain,
}
"""Errors whose messages are ours. Of any other only the class is told: its text may quote what it was given."""


class Stored(Protocol):
    """Whose master user it is: a plan says so, and whatever else knows a store."""

    @property
    def prefix(self) -> str: ...

    @property
    def store(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Master:
    """Of one instance, as RDS describes it. Asking raises DatabaseUnreachable, LoginRefused, DatabaseRefused, or TryAgain."""

    plan: Stored
    client: Client
    instance: Any

    def signs_in(self) -> bool:
        return self._ask(DatabaseAction.LOGIN, LoginAnswer).signed_in

    def set_passwords(self, accounts: Sequence[Account]) -> PasswordsSet:
        return self._ask(DatabaseAction.SET_PASSWORDS, PasswordsSet, accounts=tuple(accounts))

    def fence(self, users: Sequence[str]) -> UsersFenced:
        return self._ask(DatabaseAction.FENCE, UsersFenced, users=tuple(users))

    def lift(self, users: Sequence[str]) -> tuple[str, ...]:
        return self._ask(DatabaseAction.LIFT, UsersLifted, users=tuple(users)).accounts

    def connections(self, users: Sequence[str]) -> Mapping[str, int]:
        return self._ask(DatabaseAction.CONNECTIONS, Connections, users=tuple(users)).connections

    def _ask(
        self,
        action: DatabaseAction,
        kind: type[C],
        *,
        accounts: tuple[Account, ...] | None = None,
        users: tuple[str, ...] | None = None,
    ) -> C:
        endpoint = self.instance["Endpoint"]
        login = secret(self.client, names.database_secret(self.plan.prefix, self.plan.store))
        request = DatabaseRequest(
            host=endpoint["Address"],
            port=endpoint["Port"],
            user=login["username"],
            password=login["password"],
            action=action,
            accounts=accounts,
            users=users,
        )
        answer = self.client("lambda").invoke(
            FunctionName=names.function(self.plan.prefix, DATABASE),
            InvocationType="RequestResponse",
            Payload=json.dumps(request.to_json()).encode(),
        )
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise _error(action.value, found)
        return kind.from_json(found)


def ours(plan: Plan) -> bool:
    """Whether the store's passwords are our secrets'; those of an existing store may be its owner's."""
    return bool(plan.settings.get("credentials", "ours") == "ours")


def users(plan: Plan) -> list[str]:
    return [names.service_user(each) for each in plan.services]


def secret(client: Client, name: str) -> dict[str, str]:
    """`username` and `password`."""
    found: dict[str, str] = json.loads(client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    return found


def _error(action: str, said: Mapping[str, Any]) -> Exception:
    kind = str(said.get("errorType", "an unknown error"))
    if kind in _SAID:
        return _SAID[kind](str(said.get("errorMessage", kind)))
    if "errorType" not in said or kind.startswith("Sandbox"):  # it was ended from outside: its time was up, for example
        return TryAgain(f"the database function did not finish {action}")
    return DatabaseRefused(f"the database function failed to {action}: {kind}; its log says more")
