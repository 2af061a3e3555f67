"""What every group of RDS operations builds on: moto's backend, the data plane, and honest states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from moto.rds.exceptions import DBInstanceNotFoundError, RDSClientError
from moto.rds.models import RDSBackend

from aws_rehearsal import keys
from aws_rehearsal.faults.states import INSTANCE
from aws_rehearsal.rds.automated import AutomatedBackup
from aws_rehearsal.rds.dataplane import DataPlane
from aws_rehearsal.rds.records import Instance


class RealBackend(RDSBackend):
    """One region's RDS. moto keeps the groups and the records; servers and files are ours.

    moto makes a backend when a region is first asked for, and hands it nothing: `plane` is set by `install`.
    """

    plane: ClassVar[DataPlane]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.automated_backups: dict[str, AutomatedBackup] = {}
        """By ARN: of this region's instances, retained ones, and those replicated to here."""

    def instance(self, identifier: str, operation: str = "") -> Instance:
        """The instance of that name or ARN, in a state that takes `operation` when one is given."""
        name = identifier.rsplit(":", 1)[-1]
        instance: Instance | None = self.databases.get(name)
        if instance is None:
            raise DBInstanceNotFoundError(name)
        if operation and operation in INSTANCE[instance.status].refuses:
            raise wrong_state(f"Instance {name} is {instance.status}: it does not take {operation}.")
        return instance

    def check_capacity(self, instance_class: str) -> None:
        """InsufficientDBInstanceCapacity while a fault says so."""
        if self.plane.cloud.faults.lacks(self.region_name, instance_class):
            raise RDSClientError(
                "InsufficientDBInstanceCapacity",
                f"Sufficient capacity of {instance_class} is not currently available in {self.region_name}.",
            )

    def check_key(self, *references: str | None) -> None:
        """KMSKeyNotAccessibleFault for the first key that is disabled or pending deletion ("Encrypting Amazon RDS resources")."""
        for reference in references:
            if found := keys.unusable(reference, self.account_id, self.region_name):
                raise RDSClientError(
                    "KMSKeyNotAccessibleFault",
                    f"The specified KMS key [{found.arn}] can't be used: {found.arn} is {found.state}.",
                )

    def later(
        self,
        delay: timedelta,
        instance: Instance,
        action: Callable[[], object] = lambda: None,
        *,
        to: str = "available",
    ) -> None:
        """After `delay` of virtual time run `action` and become `to`, unless the instance has gone or moved on."""
        status, fault = instance.status, instance.fault

        def settle() -> None:
            with instance.turn:
                here = self.databases.get(instance.db_instance_identifier) is instance
                if here and (instance.status, instance.fault) == (status, fault):
                    action()
                    instance.status = to

        self.plane.cloud.clock.call_after(delay, settle)


def refused(message: str) -> RDSClientError:
    """An operation or option that the embedded AWS does not have, refused by name."""
    return RDSClientError("InvalidParameterCombination", message)


def wrong_state(message: str) -> RDSClientError:
    return RDSClientError("InvalidDBInstanceState", message)
