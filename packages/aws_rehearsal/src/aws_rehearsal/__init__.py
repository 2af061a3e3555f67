"""An AWS on one machine in which a region can be lost: moto, additions to it, and real MariaDB servers, on one loopback port.

    with Cloud(directory=Path("build/aws")) as cloud:
        cloud.client("dynamodb", "ap-southeast-1").list_tables()
        cloud.lose_region("ap-southeast-1")

Everything talks to it as it would to AWS: the CDK command line, boto3, Step Functions tasks, Lambda functions. What a user of
this package needs is named here, and nothing else of it is promised to stay. Names are imported when they are asked for, since
moto alone takes a second.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aws_rehearsal import cron, folders, metrics, operations
    from aws_rehearsal.backup.records import CREATING, JobFailedError
    from aws_rehearsal.backup.restore_metadata import RESTORE_METADATA
    from aws_rehearsal.cloud import ACCOUNT, Cloud
    from aws_rehearsal.cloudformation import CloudFormation
    from aws_rehearsal.credentials import Credentials
    from aws_rehearsal.events import Mail, outbox, schedules
    from aws_rehearsal.events.scheduled_rules import EACH_MINUTE
    from aws_rehearsal.faults import STATES, Ends, State
    from aws_rehearsal.folders import ForeignFolder
    from aws_rehearsal.gateway import INHABITANT, OF_AWS, refusal
    from aws_rehearsal.iam.removals import Removal, removals
    from aws_rehearsal.rds import authority_path
    from aws_rehearsal.rds.capture import Capture
    from aws_rehearsal.rds.certificates import Authority
    from aws_rehearsal.rds.mariadb import HOST, Server, initialise
    from aws_rehearsal.rds.programs import MariaDbMissing, program, require
    from aws_rehearsal.web.proxy import BALANCER, NoAnswer

_HOME = {
    # a cloud, and what can happen to it
    "ACCOUNT": "cloud",
    "Cloud": "cloud",
    "CloudFormation": "cloudformation",
    "Credentials": "credentials",
    "ForeignFolder": "folders",
    "folders": "",
    "BALANCER": "web.proxy",
    "NoAnswer": "web.proxy",
    # who calls, and answers in place of AWS's
    "INHABITANT": "gateway",
    "OF_AWS": "gateway",
    "refusal": "gateway",
    "operations": "",
    # who may do what
    "Removal": "iam.removals",
    "removals": "iam.removals",
    # time, events and numbers
    "EACH_MINUTE": "events.scheduled_rules",
    "Mail": "events",
    "cron": "",
    "metrics": "",
    "outbox": "events",
    "schedules": "events",
    # every status that AWS documents: `Cloud.faults` brings it about
    "Ends": "faults",
    "STATES": "faults",
    "State": "faults",
    # AWS Backup and RDS, from inside
    "RESTORE_METADATA": "backup.restore_metadata",
    "CREATING": "backup.records",
    "Capture": "rds.capture",
    "JobFailedError": "backup.records",
    "authority_path": "rds",
    # MariaDB servers alone
    "Authority": "rds.certificates",
    "HOST": "rds.mariadb",
    "MariaDbMissing": "rds.programs",
    "Server": "rds.mariadb",
    "initialise": "rds.mariadb",
    "program": "rds.programs",
    "require": "rds.programs",
}
"""Name → the module of this package that holds it; "" for a module of the package itself."""

__all__ = [
    "ACCOUNT",
    "BALANCER",
    "CREATING",
    "EACH_MINUTE",
    "HOST",
    "INHABITANT",
    "OF_AWS",
    "RESTORE_METADATA",
    "STATES",
    "Authority",
    "Capture",
    "Cloud",
    "CloudFormation",
    "Credentials",
    "Ends",
    "ForeignFolder",
    "JobFailedError",
    "Mail",
    "MariaDbMissing",
    "NoAnswer",
    "Removal",
    "Server",
    "State",
    "authority_path",
    "cron",
    "folders",
    "initialise",
    "metrics",
    "operations",
    "outbox",
    "program",
    "refusal",
    "removals",
    "require",
    "schedules",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if not _HOME[name]:
        return import_module(f"{__name__}.{name}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
