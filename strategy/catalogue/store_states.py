"""The states that AWS gives a store, and what each means for whoever waits for it. Said once; workflows and functions read it.

Sources: "Viewing Amazon RDS DB instance status" of the RDS User Guide, but for what only Aurora and RDS Custom have; and
`TableStatus` of DynamoDB's API_TableDescription. What AWS adds later is not here: `of` gives it as `Course.UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from strategy.catalogue.routes import Kind


class Course(Enum):
    """What comes of a state if one waits."""

    OPERATIONAL = "operational"
    """It serves and takes changes, however long the state lasts."""
    PASSES = "goes on by itself"
    NEEDS_A_PERSON = "needs a person"
    """It stays so until somebody does what `State.then` says; the store can be saved."""
    LOST = "never ends well"
    """Nobody can make this store usable: another one must be made."""
    UNKNOWN = "not known"
    """AWS's word is in no table: waited for, but not for long."""


@dataclass(frozen=True, slots=True)
class State:
    """`answers`: the store may take a client's reads or writes now. `then`: what a person does, where waiting does not help."""

    course: Course
    answers: bool
    then: str = ""

    @property
    def stuck(self) -> bool:
        """Waiting does not help."""
        return self.course in {Course.NEEDS_A_PERSON, Course.LOST}

    @property
    def silent(self) -> bool:
        """Nobody can write to it, and no waiting changes that."""
        return self.stuck and not self.answers


UNKNOWN_FOR = timedelta(minutes=30)
"""How long a state that no table knows is waited for: AWS's new ones mostly pass."""
_NEW_PLAN = "make a new plan"
_OPERATIONAL, _SERVING, _AWAY = State(Course.OPERATIONAL, True), State(Course.PASSES, True), State(Course.PASSES, False)


def _person(then: str, *, answers: bool = False) -> State:
    return State(Course.NEEDS_A_PERSON, answers, then)


def _lost(then: str = _NEW_PLAN, *, answers: bool = False) -> State:
    return State(Course.LOST, answers, then)


INSTANCE: Mapping[str, State] = {
    "available": _OPERATIONAL,
    "storage-initialization": _OPERATIONAL,
    "storage-optimization": _OPERATIONAL,
    "backing-up": _SERVING,
    "configuring-enhanced-monitoring": _SERVING,
    "configuring-iam-database-auth": _SERVING,
    "configuring-log-exports": _SERVING,
    "converting-to-vpc": _SERVING,
    "maintenance": _SERVING,
    "modifying": _SERVING,
    "moving-to-vpc": _SERVING,
    "renaming": _SERVING,
    "resetting-master-credentials": _SERVING,
    "storage-config-upgrade": _SERVING,
    "upgrading": _SERVING,
    "creating": _AWAY,
    "rebooting": _AWAY,
    "starting": _AWAY,
    "inaccessible-encryption-credentials-recoverable": _person(
        "make its KMS key usable again, start the instance (aws rds start-db-instance), and resume the plan; after seven days it "
        "is lost"
    ),
    "incompatible-network": _person("free addresses in its subnets or mend its subnet group, and resume the plan", answers=True),
    "incompatible-option-group": _person(
        "see its events (aws rds describe-events), give it an option group that fits, and resume the plan", answers=True
    ),
    "incompatible-parameters": _person(
        "see its events (aws rds describe-events), take back the parameters that it cannot start with, and resume the plan"
    ),
    "stopped": _person("start it (aws rds start-db-instance), and resume the plan"),
    "stopping": _person("start it (aws rds start-db-instance) once it is stopped, and resume the plan"),
    "storage-full": _person("give it more storage (aws rds modify-db-instance), and resume the plan", answers=True),
    "delete-precheck": _lost(f"somebody is deleting it: find out who, and {_NEW_PLAN}", answers=True),
    "deleting": _lost(f"somebody is deleting it: find out who, and {_NEW_PLAN}", answers=True),  # until its server is down
    "failed": _lost(),
    "inaccessible-encryption-credentials": _lost(f"its KMS key is gone: {_NEW_PLAN}, from what another key encrypts"),
    "incompatible-create": _lost(f"see its events (aws rds describe-events), mend what does not fit, and {_NEW_PLAN}"),
    "incompatible-restore": _lost(f"its data cannot be restored to that moment: {_NEW_PLAN}, from another source"),
    "insufficient-capacity": _lost(
        f"AWS has no such instance in that zone now: delete it, and {_NEW_PLAN} in some hours, or with another class or zone"
    ),
    "restore-error": _lost(f"see its events (aws rds describe-events), and {_NEW_PLAN}", answers=True),
    "upgrade-failed": _lost(f"see its events (aws rds describe-events), and {_NEW_PLAN}", answers=True),
}
"""By DBInstanceStatus. `answers` is true where the page does not exclude it."""

_KEY_OF_TABLE = "make the table's KMS key usable again, and resume the plan; after seven days it is archived"
TABLE: Mapping[str, State] = {
    "ACTIVE": _OPERATIONAL,
    "UPDATING": _SERVING,
    "CREATING": _AWAY,
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": _person(_KEY_OF_TABLE),
    "REPLICATION_NOT_AUTHORIZED": _person(
        "let AWSServiceRoleForDynamoDBReplication in by the table's policy within 20 hours, and resume the plan", answers=True
    ),
    "DELETING": _lost(f"somebody is deleting it: find out who, and {_NEW_PLAN}"),
    "ARCHIVING": _lost(f"its KMS key was away for a week: {_NEW_PLAN}, from a backup"),
    "ARCHIVED": _lost(f"its KMS key was away for a week: {_NEW_PLAN}, from a backup"),
}
"""By TableStatus."""
DELETING = frozenset({"DELETING", "delete-precheck", "deleting"})
"""Somebody has it deleted already."""
STATES: Mapping[Kind, Mapping[str, State]] = {"mysql": INSTANCE, "dynamodb": TABLE}
_UNKNOWN = State(
    Course.UNKNOWN,
    True,
    "this is no state that these tools know: see in AWS's documents what it means, and resume the plan once it has passed",
)


def of(kind: Kind, status: str) -> State:
    """What AWS's word means; of a word that is in no table, `Course.UNKNOWN`."""
    return STATES[kind].get(status, _UNKNOWN)


def table_serves(status: str) -> bool:
    """Whether a table can be read and written, and is fully what it was: replication goes on too."""
    state = of("dynamodb", status)
    return state.answers and state.course in {Course.OPERATIONAL, Course.PASSES}


def of_course(kind: Kind, *courses: Course) -> list[str]:
    """The words of a kind that mean one of these, in the order of the alphabet."""
    return sorted(word for word, state in STATES[kind].items() if state.course in courses)


def said(kind: Kind, name: str, status: str) -> str:
    """One sentence: what it is, and what to do where waiting does not help."""
    then = of(kind, status).then
    return f"{name} is {status}" + (f": {then}" if then else "")
