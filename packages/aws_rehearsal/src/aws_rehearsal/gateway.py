"""The gateway of the embedded AWS: every request passes here, must be signed, is counted by region, and may be refused.

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
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from aws_rehearsal import operations
from aws_rehearsal.credentials import Keys
from aws_rehearsal.service import Service
from aws_rehearsal.signature import Refused, Verifier

if TYPE_CHECKING:
    from aws_rehearsal.iam.guard import Guard

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
    lost, and they are answered with 503. What comes through the port must be signed by a caller of this cloud, and must not come
    from a browser: other users of the machine, and web pages that the operator has open, are told so, and nothing happens.
    """

    def __init__(
        self, moto: Callable[..., Iterable[bytes]], services: Mapping[str, Service], verifier: Verifier | None = None
    ) -> None:
        self._moto = moto
        self._services = services
        self._verifier = verifier or Verifier(Keys())
        self._lock = threading.Lock()
        self._in_flight = 0
        self._last_busy = time.perf_counter()
        self.lost_regions: set[str] = set()
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self.callers: Counter[tuple[str, str, str, str]] = Counter()
        """(caller, region, service, operation). Who calls is named by the access key id, which is a function's name or a state
        machine's; of keys that STS and IAM issued, by the name of the role or the user."""
        self.calls_after_loss: Counter[tuple[str, str, str]] = Counter()
        self.watchmen: set[str] = set()
        """Callers whose look at the lost region's parameters, whether it is back, is counted apart: `looks_after_loss`."""
        self.looks_after_loss: Counter[tuple[str, str, str]] = Counter()
        self.interceptors: list[Interceptor] = []
        self.guard: Guard | None = None
        """Asked before a call has any effect. A cloud always has one; a gateway alone has no policies to go by."""

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
        """What the port answers. Who is refused counts as nothing: not as a call, and not as work that holds the clock."""
        try:
            _no_browser(environ)
            signed = self._verifier.verify(environ)
            if signed.presigned:
                _without_effect(environ, signed.service)
        except Refused as refused:
            return list(_refused(refused, environ)(environ, start_response))
        # By these moto would let anybody choose an account, and a region that the request was not signed for.
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)
        environ["HTTP_USER_AGENT"] = environ.get("HTTP_USER_AGENT", "").replace("region/", "region ")
        return self.inside(environ, start_response)

    def inside(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """What a client of this very process calls, unverified: the port does not lead here, so nobody else can."""
        caller = environ.get("HTTP_USER_AGENT", "")
        uncounted = INHABITANT in caller or ESCORTED in caller
        with contextlib.nullcontext() if uncounted else self.working():
            # Read to the end inside the count: a half-sent answer is still a busy cloud.
            return list(self._answer(environ)(environ, start_response))

    def _answer(self, environ: dict[str, Any]) -> Callable[..., Iterable[bytes]]:
        region, service, caller = self._scope(environ)
        operation = operations.operation(environ, service)
        if region:
            name = self.guard.name(caller) if self.guard is not None else caller
            with self._lock:
                self.calls[region, service, operation] += 1
                self.callers[name, region, service, operation] += 1
                lost = region in self.lost_regions
                if lost and INHABITANT not in environ.get("HTTP_USER_AGENT", ""):
                    looks = caller in self.watchmen and operation == "GetParameter"
                    (self.looks_after_loss if looks else self.calls_after_loss)[region, service, operation] += 1
            if lost:
                return unavailable(region, service)
        if region and self.guard is not None:
            denied = self.guard.denied(environ, region, service, operation, caller)
            if denied is not None:
                return refusal(service, denied.code, denied.message, status=denied.status)
        for intercept in list(self.interceptors):
            answer = intercept(region, service, operation)
            if answer is not None and OF_AWS not in environ.get("HTTP_USER_AGENT", ""):
                return answer
        own = self._services.get(service)
        return own.answer(region, environ) if own else self._moto

    @staticmethod
    def _scope(environ: Mapping[str, Any]) -> tuple[str, str, str]:
        """Region, service and access key id that the request was signed with."""
        match = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        return (match["region"], match["service"], match["caller"]) if match else ("", "", "")


def unavailable(region: str, service: str) -> Response:
    """What a caller sees of a region that is gone: 503."""
    return refusal(service, "ServiceUnavailable", f"{region} is unavailable", status=503)


def refusal(service: str, code: str, message: str, *, status: int) -> Response:
    """An error in the protocol that the service's callers read, with a request id, as every answer of AWS has one."""
    protocol = operations.protocol(service)
    number = str(uuid.uuid4())
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
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


# ---------------------------------------------------------------------- who is let in
_ISSUES = {"GetFederationToken", "GetSessionToken"}
"""Reading by their names, and yet they make credentials."""


def _no_browser(environ: Mapping[str, Any]) -> None:
    """Programs send none of these headers, and a page cannot leave them out: Fetch Metadata, and the Fetch standard's Origin."""
    host = environ.get("HTTP_HOST", "")
    referer = environ.get("HTTP_REFERER")
    if (
        "HTTP_ORIGIN" in environ
        or not _LOOPBACK.match(host)
        or (referer is not None and urlsplit(referer).netloc != host)
        or any(name.startswith("HTTP_SEC_FETCH_") for name in environ)
    ):
        raise Refused("browser", "the embedded AWS answers programs on this machine only")


def _without_effect(environ: dict[str, Any], service: str) -> None:
    """A URL that is opened must change nothing: a link, or a picture of a page, would be enough to send it."""
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
        return
    if operations.protocol(service).startswith("rest") and "HTTP_X_AMZ_TARGET" not in environ:
        return  # GET reads, by the service's own model
    name = operations.operation(environ, service)
    if not name.startswith(("Describe", "Get", "List")) or name in _ISSUES:
        raise Refused("by url", f"{name} has an effect, and is not taken from a URL: send it by POST", service=service)


_Answers = dict[str, tuple[str, int, str]]
_SIGNATURE: _Answers = {
    "s3": ("SignatureDoesNotMatch", 403, ""),
    "query": ("SignatureDoesNotMatch", 403, ""),
    "ec2": ("AuthFailure", 401, "AWS was not able to validate the provided access credentials"),
    "json": ("InvalidSignatureException", 400, ""),
}
_TOO_LARGE = ("RequestEntityTooLargeException", 413, "")
REFUSALS: dict[str, _Answers] = {
    "browser": {"query": ("AccessDenied", 403, ""), "json": ("AccessDeniedException", 403, "")},
    "missing": {
        "s3": ("AccessDenied", 403, "Access Denied"),
        "query": ("MissingAuthenticationToken", 403, ""),
        "json": ("MissingAuthenticationTokenException", 400, ""),
    },
    "key": {
        "s3": ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        "query": ("InvalidClientTokenId", 403, ""),
        "ec2": ("AuthFailure", 401, "AWS was not able to validate the provided access credentials"),
        "json": ("UnrecognizedClientException", 400, ""),
    },
    "token": {
        "s3": ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        "query": ("InvalidClientTokenId", 403, ""),
        "ec2": ("AuthFailure", 401, "AWS was not able to validate the provided access credentials"),
        "json": ("UnrecognizedClientException", 400, ""),
    },
    "expired token": {
        "s3": ("ExpiredToken", 400, "The provided token has expired."),
        "query": ("ExpiredToken", 403, ""),
        "ec2": ("RequestExpired", 400, "Request has expired."),
        "json": ("ExpiredTokenException", 400, ""),
    },
    "signature": _SIGNATURE,
    "unsigned headers": _SIGNATURE | {"s3": ("AccessDenied", 403, "")},
    "incomplete": {
        "s3": ("AuthorizationHeaderMalformed", 400, ""),
        "query": ("IncompleteSignature", 400, ""),
        "json": ("IncompleteSignatureException", 400, ""),
    },
    "incomplete query": {
        "s3": ("AuthorizationQueryParametersError", 400, ""),
        "query": ("IncompleteSignature", 400, ""),
        "json": ("IncompleteSignatureException", 400, ""),
    },
    "unsupported": {
        "s3": ("InvalidRequest", 400, ""),
        "query": ("IncompleteSignature", 400, ""),
        "json": ("IncompleteSignatureException", 400, ""),
    },
    "two mechanisms": {"query": ("InvalidArgument", 400, "")},
    "time": _SIGNATURE
    | {
        "s3": ("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."),
        "ec2": ("RequestExpired", 400, "Request has expired."),
    },
    "expired url": {
        "s3": ("AccessDenied", 403, ""),
        "query": ("RequestExpired", 400, ""),
        "json": ("InvalidSignatureException", 400, ""),
    },
    "by url": {"query": ("AccessDenied", 403, ""), "json": ("AccessDeniedException", 403, "")},
    "payload": _SIGNATURE | {"s3": ("InvalidArgument", 400, "")},
    "hash": _SIGNATURE | {"s3": ("XAmzContentSHA256Mismatch", 400, "")},
    "body": {"query": ("IncompleteBody", 400, "")},
    "digest": {"query": ("BadDigest", 400, "")},
    "too large": {"s3": ("EntityTooLarge", 400, ""), "query": _TOO_LARGE, "json": _TOO_LARGE},
}
"""Why a request is not let in, by the form that its sender reads → AWS's code, the status, and the text where it is its own.

Codes of the query protocol: Common Errors of each service's API reference, and EC2's own list; of S3: its list of error codes.
Those of JSON are what DynamoDB's "Error handling" lists; services of `rest-json` answer the same with 403."""


def _refused(refused: Refused, environ: Mapping[str, Any]) -> Response:
    protocol = operations.protocol(refused.service) if refused.service else _form(environ)
    answers = REFUSALS[refused.kind]
    form = "query"
    if refused.service.startswith("s3") or protocol == "s3":
        form = "s3"
    elif protocol == "ec2":
        form = "ec2"
    elif protocol not in {"query", "rest-xml"}:
        form = "json"
    code, status, said = answers.get(form) or answers["query"]
    if protocol == "rest-json" and status == 400:
        status = 403
    return refusal(
        refused.service or {"query": "sts", "s3": "s3", "ec2": "ec2"}.get(form, ""), code, said or refused.message, status=status
    )


def _form(environ: Mapping[str, Any]) -> str:
    """What a sender that names no service probably reads: S3 answers whatever looks like nobody else's."""
    if "HTTP_X_AMZ_TARGET" in environ or "HTTP_SMITHY_PROTOCOL" in environ:
        return "json"
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    return "query" if form or "Action" in parse_qs(environ.get("QUERY_STRING", "")) else "s3"
