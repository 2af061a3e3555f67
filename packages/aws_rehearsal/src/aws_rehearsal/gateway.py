"""The gateway of the embedded AWS: every request passes here, is counted by region, and may be refused.

Enters: WSGI requests from the CDK command line, boto3, Step Functions tasks and Lambda workers. Leaves: answers of our own
services or of moto's. The region is the one the request was signed for (its credential scope).
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from aws_rehearsal import operations
from aws_rehearsal.service import Service

_SCOPE = re.compile(r"Credential=(?P<caller>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_LOOPBACK = re.compile(r"^(localhost|127\.0\.0\.1)(:\d+)?$")

INHABITANT = "inhabitant-of-the-region"
"""In the User-Agent of what lives, and dies, in its region: the bank's own services. Their calls do not hold the clock, and
their last ones are refused like all others, but not counted as calls *to* the lost region by those who recover it."""
ESCORTED = "escorted-by-its-caller"
"""In the User-Agent of a caller that counts as busy itself for as long as its call takes: the call must not count twice."""
OF_AWS = "one-service-of-aws-asking-another"
"""In the User-Agent of AWS Backup's own calls to other services: AWS tries them again itself, so none is refused on purpose."""

Interceptor = Callable[[str, str, str], Response | None]
"""(region, service, operation) → an answer in place of the real one, or None. Faults are made of these."""


class Gateway:
    """WSGI application in front of moto and of our own services.

    `calls` counts requests as (region, service, operation); `calls_after_loss` counts those signed for a region after it was
    lost, and they are answered with 503. Requests with an `Origin` header or a foreign `Host` are refused: a web page the
    operator has open must not be able to talk to the cloud behind it.
    """

    def __init__(self, moto: Callable[..., Iterable[bytes]], services: Mapping[str, Service]) -> None:
        self._moto = moto
        self._services = services
        self._lock = threading.Lock()
        self._in_flight = 0
        self._last_busy = time.perf_counter()
        self.lost_regions: set[str] = set()
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self.callers: Counter[tuple[str, str, str, str]] = Counter()
        """(access key id, region, service, operation). A function's id is its name, and a workflow's is the state machine's."""
        self.calls_after_loss: Counter[tuple[str, str, str]] = Counter()
        self.watchmen: set[str] = set()
        """Callers whose look at the lost region's parameters, whether it is back, is counted apart: `looks_after_loss`."""
        self.looks_after_loss: Counter[tuple[str, str, str]] = Counter()
        self.interceptors: list[Interceptor] = []

    def idle_seconds(self) -> float:
        """Real seconds since the last request ended; 0.0 while one is in flight."""
        with self._lock:
            return 0.0 if self._in_flight else time.perf_counter() - self._last_busy

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Counts work that no request waits for (an asynchronous invocation, a deployment) as in flight."""
        with self._lock:
            self._in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1
                self._last_busy = time.perf_counter()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """The opposite, inside work or a request: it only waits for time to pass, and must not keep the clock from leaping."""
        with self._lock:
            self._in_flight -= 1
            self._last_busy = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self._in_flight += 1

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        caller = environ.get("HTTP_USER_AGENT", "")
        uncounted = INHABITANT in caller or ESCORTED in caller
        with contextlib.nullcontext() if uncounted else self.working():
            # Read to the end inside the count: a half-sent answer is still a busy cloud.
            return list(self._answer(environ)(environ, start_response))

    def _answer(self, environ: dict[str, Any]) -> Callable[..., Iterable[bytes]]:
        if "HTTP_ORIGIN" in environ or not _LOOPBACK.match(environ.get("HTTP_HOST", "")):
            return Response("the embedded AWS answers programs on this machine only\n", status=403)
        region, service, caller = self._scope(environ)
        operation = operations.operation(environ, service)
        if region:
            with self._lock:
                self.calls[region, service, operation] += 1
                self.callers[caller, region, service, operation] += 1
                lost = region in self.lost_regions
                if lost and INHABITANT not in environ.get("HTTP_USER_AGENT", ""):
                    looks = caller in self.watchmen and operation == "GetParameter"
                    (self.looks_after_loss if looks else self.calls_after_loss)[region, service, operation] += 1
            if lost:
                return unavailable(region, service)
        for intercept in list(self.interceptors):
            answer = intercept(region, service, operation)
            if answer is not None and OF_AWS not in environ.get("HTTP_USER_AGENT", ""):
                return answer
        own = self._services.get(service)
        return own.answer(region, environ) if own else self._moto

    @staticmethod
    def _scope(environ: Mapping[str, Any]) -> tuple[str, str, str]:
        """Region, service and access key id that the request was signed with."""
        text = environ.get("HTTP_AUTHORIZATION", "") or environ.get("QUERY_STRING", "").replace("%2F", "/")
        match = _SCOPE.search(text)
        return (match["region"], match["service"], match["caller"]) if match else ("", "", "")


def unavailable(region: str, service: str) -> Response:
    """What a caller sees of a region that is gone: 503."""
    return refusal(service, "ServiceUnavailable", f"{region} is unavailable", status=503)


def refusal(service: str, code: str, message: str, *, status: int) -> Response:
    """An error in the protocol that the service's callers read, with a request id, as every answer of AWS has one."""
    protocol = operations.protocol(service)
    number = str(uuid.uuid4())
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    if protocol == "ec2":
        body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{number}</RequestID></Response>"
    elif protocol == "query":
        body = f"<ErrorResponse><Error>{error}</Error><RequestId>{number}</RequestId></ErrorResponse>"
    elif protocol == "rest-xml":
        body = f"<Error>{error}</Error>"
    else:
        body = json.dumps({"__type": code, "message": message})
    kind = "application/json" if body.startswith("{") else "text/xml"
    headers = {"X-Amzn-Errortype": code, "x-amzn-RequestId": number, "x-amz-request-id": number}
    return Response(body, status=status, headers=headers, content_type=kind)
