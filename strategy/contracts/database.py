"""What is asked of a MySQL server as its master user, by functions only: passwords never pass through a state machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from strategy.contracts.contract import Contract, Document

DATABASE = "database"


class DatabaseAction(StrEnum):
    LOGIN = "login"
    SET_PASSWORDS = "set_passwords"
    FENCE = "fence"
    LIFT = "lift"
    CONNECTIONS = "connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Contract):
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRequest(Contract):
    FUNCTION: ClassVar[str] = DATABASE

    host: str
    port: int | str
    user: str
    password: str = field(repr=False)
    action: DatabaseAction
    accounts: tuple[Account, ...] | None = None
    """Of `set_passwords`."""
    users: tuple[str, ...] | None = None
    """Of `fence`, `lift` and `connections`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAnswer(Contract):
    FUNCTION: ClassVar[str] = DATABASE

    signed_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordsSet(Contract):
    """User names; `missing`: those that the data does not have."""

    FUNCTION: ClassVar[str] = DATABASE

    accounts: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersFenced(Contract):
    FUNCTION: ClassVar[str] = DATABASE

    accounts: tuple[str, ...]
    last_write: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersLifted(Contract):
    FUNCTION: ClassVar[str] = DATABASE

    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections(Contract):
    FUNCTION: ClassVar[str] = DATABASE

    connections: Mapping[str, int]
    """By user."""


DatabaseAnswer = LoginAnswer | PasswordsSet | UsersFenced | UsersLifted | Connections
