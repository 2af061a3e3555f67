"""AWS clients for people's commands: one region, patience that ends, and errors that say what to do.

The session, its credentials and its endpoint come from the environment, as for AWS's own command line. The Lambda functions
do not pass here: they run in their region with their role, and their workflow does the waiting.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from recovery.errors import Unreachable

T = TypeVar("T")

_BOUNDED = Config(
    connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3}, max_pool_connections=16
)
"""A person waits: three tries of seconds, then the truth."""
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
_SIGN_IN = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class AwsTrouble(Unreachable):
    """AWS could not be asked; the message names the call, the region, and what to do."""


@dataclass(frozen=True, slots=True)
class NotChecked:
    """An answer that was refused. It is never taken for a good one."""

    because: str


_models = functools.cache(botocore.loaders.create_loader)
"""botocore's descriptions of services, read once for all regions: 20 to 100 ms of CPU for each service."""


class Region:
    """Clients of one region, each made once; safe to share between threads once it has them."""

    def __init__(self, name: str) -> None:
        self.name = name
        session = botocore.session.Session()
        session.register_component("data_loader", _models(session.get_config_variable("data_path")))
        self._session = boto3.Session(region_name=name, botocore_session=session)
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()  # a session is not safe to make two clients at once

    def client(self, service: str) -> Any:
        with self._making:
            if service not in self._clients:
                make: Any = self._session.client  # the stubs know service names only as literals
                self._clients[service] = make(service, config=_BOUNDED)
            return self._clients[service]

    @property
    def stand_in(self) -> str:
        """Host of whoever answers in AWS's place, such as a rehearsal; empty where AWS itself does."""
        host = urlsplit(self.client("s3").meta.endpoint_url)
        return "" if (host.hostname or "").endswith(_OF_AWS) else host.netloc


def ask(region: str, call: Callable[[], T]) -> T | NotChecked:
    """What `call` returns. A refused permission is an answer too; everything else that AWS did not answer is AwsTrouble."""
    try:
        return call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _REFUSED:
            return NotChecked(f"{error.operation_name} was refused ({code})")
        if code in _SIGN_IN:
            raise AwsTrouble(f"{error.operation_name} in {region}: {code}: sign in again and repeat") from error
        raise AwsTrouble(
            f"{error.operation_name} in {region}: {error.response['Error'].get('Message') or code} ({code})"
        ) from error
    except NoCredentialsError as error:
        raise AwsTrouble(f"no credentials for {region}: sign in, or set AWS_PROFILE, and repeat") from error
    except BotoCoreError as error:
        raise AwsTrouble(f"{region} could not be asked: {error}") from error


def must(region: str, call: Callable[[], T]) -> T:
    """What `call` returns; a refused permission is trouble as well, where nothing can go on without the answer."""
    answer = ask(region, call)
    if isinstance(answer, NotChecked):
        raise AwsTrouble(f"{answer.because} in {region}: allow it, and repeat")
    return answer


def caller(region: Region, account: str, environment: str) -> str:
    """ARN of who asks. Raises AwsTrouble when the credentials are another account's: nothing there would be ours."""
    identity = must(region.name, lambda: region.client("sts").get_caller_identity())
    if identity["Account"] != account:
        raise AwsTrouble(
            f"the credentials are of account {identity['Account']}, {environment} is {account}: choose another AWS_PROFILE"
        )
    return str(identity["Arn"])
