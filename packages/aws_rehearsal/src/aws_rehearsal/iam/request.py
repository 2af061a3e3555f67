"""The request context that policies are judged in: condition keys and their values.

Three sources, of which the first that has a key wins: the call (`Need.context`), the principal's own keys, and the environment
(time, region, transport). AWS documents which keys there are in "AWS global condition context keys" of the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

Values = tuple[str, ...]


@dataclass(frozen=True)
class Environment:
    """What every request to AWS has, whoever sends it.

    `region` is the one called. A call of the embedded AWS stands for one that goes over TLS, so `secure` is true unless a test
    says otherwise. `now` is the moment of the request; None reads the clock, which is the cloud's virtual one while it runs.
    """

    region: str = ""
    secure: bool = True
    source_ip: str = ""
    now: datetime | None = None

    def moment(self) -> datetime:
        return (self.now or datetime.now(UTC)).astimezone(UTC)


class Context:
    """The values of condition keys, by key in lower case. An absent key is the empty tuple, and so is a key without a value."""

    __slots__ = ("_call", "_environment", "_principal", "_resource_account")

    def __init__(
        self,
        call: Mapping[str, Values],
        principal: Mapping[str, Values],
        environment: Environment,
        resource_account: str = "",
    ) -> None:
        self._call = call
        self._principal = principal
        self._environment = environment
        self._resource_account = resource_account

    def get(self, key: str) -> Values:
        """Values of a key, which must be given in lower case."""
        found = self._call.get(key)
        if found is None:
            found = self._principal.get(key)
        return self._general(key) if found is None else found

    def single(self, key: str) -> str | None:
        """The one value of a key; None where it has none or several: only single-valued keys can be policy variables."""
        found = self.get(key)
        return found[0] if len(found) == 1 else None

    def named(self, prefix: str) -> dict[str, Values]:
        """The call's own keys that begin with `prefix`, without it."""
        return {key[len(prefix) :]: values for key, values in self._call.items() if key.startswith(prefix)}

    def _general(self, key: str) -> Values:
        environment = self._environment
        value = ""
        match key:
            case "aws:currenttime":
                value = environment.moment().strftime("%Y-%m-%dT%H:%M:%SZ")
            case "aws:epochtime":
                value = str(int(environment.moment().timestamp()))
            case "aws:securetransport":
                value = "true" if environment.secure else "false"
            case "aws:requestedregion":
                value = environment.region
            case "aws:sourceip":
                value = environment.source_ip
            case "aws:resourceaccount":
                value = self._resource_account
            case "aws:viaawsservice":  # with the caller's credentials, which is when KMS has `kms:ViaService`
                value = "true" if "aws:calledvia" in self._call or "kms:viaservice" in self._call else "false"
            case "aws:calledviafirst" | "aws:calledvialast":
                chain = self._call.get("aws:calledvia", ())
                value = (chain[0] if key.endswith("first") else chain[-1]) if chain else ""
        return (value,) if value else ()
