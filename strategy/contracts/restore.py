"""The steps of a restore: claim, check, begin, put settings back, reset passwords, stop writers, switch, prove, repair.

`plan` is the plan's own JSON (`recovery.restore.plan`), handed on as it was started.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from strategy.contracts.contract import Contract, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest(Contract):
    """Of a region's plan, too. `execution`: the ARN of the attempt."""

    FUNCTION: ClassVar[str] = "restore-claim"

    plan: Document
    execution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer(Contract):
    FUNCTION: ClassVar[str] = "restore-claim"

    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest(Contract):
    FUNCTION: ClassVar[str] = "restore-check"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPremise(Contract):
    what: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswer(Contract):
    FUNCTION: ClassVar[str] = "restore-check"

    checked: tuple[CheckedPremise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginRequest(Contract):
    FUNCTION: ClassVar[str] = "restore-begin"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAnswer(Contract):
    FUNCTION: ClassVar[str] = "restore-begin"

    job_id: str
    """AWS Backup's job to follow; empty where there is none."""
    found: bool
    """An earlier attempt began it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRequest(Contract):
    FUNCTION: ClassVar[str] = "restore-settings"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsAnswer(Contract):
    """`put_back`, `[{what, wanted, found}]`, is what this call changed, which the caller adds up; `not_put_back`,
    `[{what, because}]`, and `state`, `[{what, wanted, found, equal}]`, are as of this call.
    """

    FUNCTION: ClassVar[str] = "restore-settings"

    settled: bool
    waiting_for: str
    put_back: tuple[Document, ...]
    not_put_back: tuple[Document, ...]
    state: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordsRequest(Contract):
    FUNCTION: ClassVar[str] = "restore-passwords"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordsAnswer(Contract):
    """`accounts`: users whose password is now the secret's; `missing`: users that the restored data does not have."""

    FUNCTION: ClassVar[str] = "restore-passwords"

    settled: bool
    waiting_for: str
    accounts: tuple[str, ...]
    missing: tuple[str, ...]
    because: str
    """Why nothing was to do."""


# ---------------------------------------------------------------------- the cutover of one store
class CutoverAction(StrEnum):
    FENCE = "fence"
    SWITCH = "switch"
    PROVE = "prove"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoverRequest(Contract):
    FUNCTION: ClassVar[str] = "restore-cutover"

    plan: Document
    action: CutoverAction
    since: str = ""
    """Of `prove`: the moment of the switch, ISO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceAnswer(Contract):
    """`accounts` are locked out; `last_write` is where the old store ends."""

    FUNCTION: ClassVar[str] = "restore-cutover"

    fenced: bool
    because: str
    """Why not."""
    accounts: tuple[str, ...]
    last_write: Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchAnswer(Contract):
    """The endpoint `parameter`, its values `before` and `now`, the environments `restarted`, and when it was."""

    FUNCTION: ClassVar[str] = "restore-cutover"

    parameter: str
    before: Document | None
    now: Document
    restarted: tuple[str, ...]
    switched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveAnswer(Contract):
    FUNCTION: ClassVar[str] = "restore-cutover"

    proved: bool
    waiting_for: str
    because: str
    connections: Mapping[str, int]
    """To the restored store, by user."""
    connections_to_old: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRequest(Contract):
    FUNCTION: ClassVar[str] = "restore-repair"

    plan: Document
    cursor: Document | None = None
    """Where the call before it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairAnswer(Contract):
    """The counts so far."""

    FUNCTION: ClassVar[str] = "restore-repair"

    done: bool
    cursor: Document | None
    written: int
    same: int
    contested: int
    only_live: int
    differing: int
