"""What a simulated resource type is: create, update and delete through boto3, against the same cloud.

    class Topic(Handler):
        type = "AWS::SNS::Topic"

        def create(self, context: Context, properties: Properties) -> Physical: ...

Subclassing registers the type. `Ref` is the physical id, and `Fn::GetAtt` reads the attributes, both as AWS documents them.
"""

from __future__ import annotations

import secrets
import string
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from aws_rehearsal.cloudformation.errors import ResourceFailed

_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Context:
    """Where a handler works. `client` gives a boto3 client of the same cloud, by default in the stack's region."""

    region: str
    account: str
    stack_name: str
    stack_id: str
    logical_id: str
    client: Callable[..., Any]
    sleep: Callable[[float], None]
    """Virtual seconds."""
    started: Callable[[str], None]
    """Tell the engine the physical id as soon as there is something to delete: what fails later is then cleaned up."""
    snapshot: bool = False
    """Whether a deletion must leave a final snapshot."""

    def name(self, limit: int = 64, *, lower: bool = False) -> str:
        """A physical name as CloudFormation invents it: stack, logical id, twelve random characters."""
        suffix = "".join(secrets.choice(_LETTERS) for _ in range(12))
        room = limit - len(suffix) - 2
        stack = self.stack_name[: max(1, room // 2)]
        name = f"{stack}-{self.logical_id[: room - len(stack)]}-{suffix}"
        return name.lower() if lower else name

    def wait(self, what: str, done: Callable[[], bool], *, every: float = 30, tries: int = 400) -> None:
        """Ask until it is done; virtual time passes between. Bounded: a resource that never settles fails."""
        for _ in range(tries):
            if done():
                return
            self.sleep(every)
        raise ResourceFailed(f"{what} did not stabilize")


@dataclass
class Physical:
    """A resource that exists: the value of `Ref`, and what `Fn::GetAtt` reads."""

    id: str
    attributes: dict[str, Any] = field(default_factory=dict)


class Properties(Mapping[str, Any]):
    """A resource's properties; remembers which a handler looked at, so that the rest can be reported as not modelled."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def pick(self, *names: str, **renamed: str) -> dict[str, Any]:
        """The given properties under their own names, and `parameter=Property` under the API's name; absent ones left out."""
        wanted = {**{name: name for name in names}, **renamed}
        return {parameter: self[name] for parameter, name in wanted.items() if name in self._values}

    @property
    def unread(self) -> tuple[str, ...]:
        return tuple(sorted(set(self._values) - self._read))

    def __contains__(self, name: object) -> bool:
        return name in self._values


class Handler(ABC):
    """One resource type. Errors are boto3's, or ResourceFailed; the engine turns both into the resource's status reason."""

    type: ClassVar[str] = ""
    named_by: ClassVar[str] = ""
    """Property with the custom name that `find` knows a resource by; empty where nothing can be imported."""

    def __init_subclass__(cls) -> None:
        if cls.type:
            HANDLERS[cls.type] = cls()

    @abstractmethod
    def create(self, context: Context, properties: Properties) -> Physical: ...

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        """In place; a changed create-only property never gets here. A type without an update refuses, rather than forget."""
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        raise ResourceFailed(f"the embedded AWS cannot update {self.type}: {', '.join(changed)}")

    def find(self, context: Context, name: str, wanted: Mapping[str, Any]) -> tuple[Physical, dict[str, Any]] | None:  # noqa: ARG002
        """What stands already under a custom name, with the properties it has, as far as `update` would change them."""
        return None

    def taken(self, context: Context, properties: Properties) -> str:  # noqa: ARG002
        """The custom name, where a resource has it already and the service's own create would not refuse it; else empty.

        Creating by CloudFormation is refused all the same ("Resource type test contract": a create handler answers
        AlreadyExists), whatever the service's API does: SNS, SQS and Step Functions answer with what stands, EventBridge and
        CloudWatch overwrite it.
        """
        return ""

    @abstractmethod
    def delete(self, context: Context, physical: Physical, properties: Properties) -> None: ...


HANDLERS: dict[str, Handler] = {}


def tags(properties: Mapping[str, Any], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """`Tags` of a template as a list with the names a service uses."""
    given = properties.get("Tags") or []
    pairs = given.items() if isinstance(given, Mapping) else ((tag["Key"], tag["Value"]) for tag in given)
    return [{key: name, value: str(text)} for name, text in pairs]


def tag_map(properties: Mapping[str, Any], name: str = "Tags") -> dict[str, str]:
    given = properties.get(name) or []
    return dict(given) if isinstance(given, Mapping) else {tag["Key"]: str(tag["Value"]) for tag in given}


def stands(read: Callable[..., Any], **arguments: Any) -> bool:
    """Whether a call that reads one resource finds it."""
    try:
        read(**arguments)
    except ClientError as error:
        if gone(error):
            return False
        raise
    return True


def gone(error: ClientError) -> bool:
    """Whether a deletion failed because there is nothing to delete, which is success."""
    code = str(error.response["Error"]["Code"])
    return any(mark in code for mark in ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "UnknownResource")) or code == "404"
