"""What one look at a restored store found, changed, and could not change; the answer that the workflow reads.

`put_back` lists what this call changed; `state` is every wanted setting as it was found. It is settled when a look changed
nothing and nothing is on its way. What AWS refuses is listed and does not hold the restore up, unless the data would be
unprotected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from strategy.contracts.restore import SettingsAnswer

_NOT_YET = frozenset(
    {
        "ConcurrentUpdateException",
        "ContinuousBackupsUnavailableException",  # for a while after a table was made
        "InvalidDBInstanceState",
        "InvalidDBInstanceStateFault",
        "LimitExceededException",  # of changes at the same time
        "ResourceInUseException",
        "TableInUseException",
    }
)
_GONE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault", "ResourceNotFoundException", "TableNotFoundException"})
_ONCE_AN_HOUR = "multiple times"
"""Of a table's time to live, which DynamoDB refuses as a ValidationException with no code of its own."""


class SettingsRefused(Exception):
    """A store without this setting must not be used; the message says which one, why, and what to do."""


class Refused(Exception):
    """AWS refused a change, for good; the message is AWS's."""


class NotYet(Exception):
    """The store cannot be changed right now; the message is AWS's."""


def asked(call: Callable[[], Any]) -> None:
    """Raises Refused or NotYet; whatever passes by itself, or says that the store is gone, goes on as it is."""
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        text = f"{code}: {error.response['Error'].get('Message', '')}"
        if code in _NOT_YET or (code == "ValidationException" and _ONCE_AN_HOUR in text):
            raise NotYet(text) from error
        if code in _GONE or _passes(error):
            raise
        raise Refused(text) from error


class Answer:
    def __init__(self, name: str, cannot: Iterable[Mapping[str, Any]]) -> None:
        """`cannot`: what was known to be impossible when the plan was made."""
        self._name = name
        self._waiting: list[str] = []
        self._put_back: list[dict[str, Any]] = []
        self._not_put_back = [dict(each) for each in cannot]
        self._state: list[dict[str, Any]] = []

    @property
    def waits(self) -> bool:
        return bool(self._waiting)

    def compare(self, what: str, wanted: Any, found: Any) -> bool:
        """Note a setting; whether it is as wanted."""
        self._state.append({"what": what, "wanted": wanted, "found": found, "equal": wanted == found})
        return bool(wanted == found)

    def wait(self, reason: str) -> None:
        self._waiting.append(reason)

    def cannot(self, what: str, because: str) -> None:
        self._not_put_back.append({"what": what, "because": because})

    def change(self, call: Callable[[], Any], *settings: str, essential: bool = False) -> bool:
        """Make a change to settings that were compared; whether AWS took it."""
        try:
            asked(call)
        except NotYet as error:
            self.wait(f"{', '.join(settings)} ({error})")
            return False
        except Refused as error:
            self.refused(str(error), *settings, essential=essential)
            return False
        self.changed(*settings)
        return True

    def changed(self, *settings: str) -> None:
        """What AWS took is believed when a later look shows it."""
        found = [each for each in self._state if each["what"] in settings and not each["equal"]]
        self._put_back += [{key: each[key] for key in ("what", "wanted", "found")} for each in found]
        self.wait(f"{', '.join(settings)} to show")

    def refused(self, because: str, *settings: str, essential: bool) -> None:
        if essential:
            raise SettingsRefused(
                f"{self._name} must not be used without {', '.join(settings)}, which AWS refused ({because}). "
                "It was left as it is; fix the cause and resume the plan."
            )
        for each in settings:
            self.cannot(each, because)

    def given(self) -> SettingsAnswer:
        return SettingsAnswer(
            settled=not self._waiting,
            waiting_for="; ".join(self._waiting),
            put_back=tuple(self._put_back),
            not_put_back=tuple(self._not_put_back),
            state=tuple(self._state),
        )


def _passes(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return status >= 500 or "Throttl" in code or code in {"RequestLimitExceeded", "TooManyRequestsException", "InternalFailure"}
