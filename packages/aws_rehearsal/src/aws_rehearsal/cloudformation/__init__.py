"""CloudFormation of the embedded AWS: an engine of our own in place of moto's.

Templates are evaluated, resources are created in the order of their needs and really exist in the cloud, an update touches only
what differs, and a failure is rolled back with its reason. A type without a handler in `resources/` is recorded: checked against
CloudFormation's registry, and listed by `resources()` as recorded. What the registry does not know fails.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from aws_rehearsal.cloudformation import resources
from aws_rehearsal.cloudformation.service import CloudFormation

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

__all__ = ["CloudFormation", "install"]


def install(cloud: Cloud) -> None:
    from aws_rehearsal.cloud import ACCOUNT

    for module in pkgutil.iter_modules(resources.__path__):
        importlib.import_module(f"{resources.__name__}.{module.name}")
    service = CloudFormation(cloud, ACCOUNT)
    cloud.services[service.name] = service
    cloud.closing.append(service.engine.close)
