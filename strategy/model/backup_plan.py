"""What AWS Backup is told: rules, vaults, restore tests, and who watches over it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from strategy.model.field_types import CronExpression, Duration, Flag, Part, Retention


class Rule(Part):
    """One AWS Backup rule. Every rule copies: only the winning rule's copy action runs when rules overlap."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9\-_.]{1,50}$")]
    schedule: CronExpression
    """AWS cron in UTC, six fields: `cron(0 2,14 * * ? *)`."""
    keep: Retention
    start_window: Duration
    """How long AWS may put off the start; past it the job expires."""
    completion_window: Duration
    """How long after its scheduled time a job may still run."""
    copy_keep: Retention
    """How long the copy in the other region is kept; every rule copies, since only the winner's copy runs when rules overlap."""
    cold_after: Retention | None = None
    """When recovery points move to cold storage; absent: never."""


class Lock(Part):
    """Vault lock. Governance can be lifted by who may; compliance by nobody, ever, once its grace is over."""

    mode: Literal["off", "governance", "compliance"]
    min_keep: Retention | None = None
    """Jobs that keep less than this fail."""
    max_keep: Retention | None = None
    """Jobs that keep more than this fail."""
    grace: Retention | None = None
    """Days in which a compliance lock can still be taken back; at least 3."""
    irreversible: Flag
    """The second switch of a compliance lock; the first is `production`."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.mode == "off") == (self.min_keep is not None) or (self.min_keep is None) != (self.max_keep is None):
            raise ValueError(
                "min_keep and max_keep are both given with mode 'governance' or 'compliance', and neither with 'off'"
            )
        if (self.mode == "compliance") != (self.grace is not None):
            raise ValueError("grace is given with mode 'compliance', and only then")
        return self


class Vault(Part):
    """How the vaults are protected."""

    key: Literal["aws-managed", "customer-managed"]
    """Key of a region's own backups. Copies are always under a customer-managed key: RDS copies allow no other."""
    break_glass: Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:role/[\w+=,.@/-]+$")]
    """The one role that may delete recovery points and change the vault's policy."""
    lock: Lock


class RestoreTesting(Part):
    """The scheduled restore tests, in each region."""

    schedule: CronExpression
    start_window: Duration
    selection_window: Retention
    """How old a recovery point may be to be tested."""
    validation_window: Duration
    """How long a restored store is kept for its verification."""


class Drills(Part):
    """What is exercised in each region by itself, and how often."""

    schedule: CronExpression
    """Every documented route of every store, restored beside it, verified and torn down."""
    integrity: CronExpression
    """Each store, brought back to the second of its newest manifest and compared with it; in the primary region."""


class Audit(Part):
    """What AWS allows, or charges, once for an account and region: made by this app, or there already and left alone."""

    config_recorder: Literal["existing", "managed"]
    """AWS Config's recorder, which Backup Audit Manager's framework reads; a region has one at most."""
    trail: Literal["existing", "managed"]
    """A CloudTrail trail of management events, from which attempts on keys and vaults are noticed."""
    evidence_keep: Retention
    """How long a sealed record of what was done cannot be deleted or written over."""
