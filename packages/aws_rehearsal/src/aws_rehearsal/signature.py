"""Is a request signed by whom it names? AWS Signature Version 4, verified by signing the request again.

The arithmetic (canonical request, string to sign, key derivation) is botocore's own; what is here is what a server adds to it:
which headers count, which payload, which clock. Formats: AWS General Reference, "AWS Signature Version 4 for API requests", and
the Amazon S3 API Reference, "Authenticating Requests".
"""

from __future__ import annotations

import base64
import hmac
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from botocore import auth, httpchecksum
from botocore import credentials as botocore_credentials
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY

from aws_rehearsal.credentials import Key, Keys, real_now

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=5)
"""How far a signature's date may be from the clock (General Reference, "Troubleshooting"); S3 grants 15 minutes."""
SKEW_OF_S3 = timedelta(minutes=15)
LONGEST_PRESIGNED = 7 * 24 * 3600
"""Seconds a presigned URL may be valid for."""
MOST = 70 << 20
"""Bytes of a body that are read before its sender is known: the largest request of AWS that does not name its payload's hash,
a function's code of 50 MB in base64."""

_STAMP = "%Y%m%dT%H%M%SZ"
_SCOPE = r"(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9.-]+)/aws4_request"
# In this order, as every SDK writes it: moto reads the service from where it then stands.
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential={_SCOPE},\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>\w+)"
)
_CREDENTIAL = re.compile(_SCOPE)
_HASH = re.compile(r"[0-9a-f]{64}")
_STREAMED = re.compile(r"STREAMING-(UNSIGNED-PAYLOAD-TRAILER|AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?)")
_EMPTY = sha256().hexdigest()
_UNSIGNED = "UNSIGNED-PAYLOAD"
_AUTHORITY = ("algorithm", "credential", "date", "expires", "signedheaders", "signature")


@dataclass(frozen=True)
class Signed:
    """Who sent a request, and what for. `presigned`: the signature is in the query, and whoever has the URL may send it."""

    caller: str
    region: str
    service: str
    presigned: bool = False


class Refused(Exception):
    """`kind` is a key of `aws_rehearsal.gateway.REFUSALS`; `service` the one the request was signed for, "" when unknown."""

    def __init__(self, kind: str, message: str, *, service: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.service = kind, message, service


@dataclass
class _Claim:
    """What a request says of its own signature."""

    key: str
    date: str
    region: str
    service: str
    signed: tuple[str, ...]
    signature: str
    stamp: datetime
    token: str
    presigned: bool
    expires: timedelta | None = None

    @property
    def s3(self) -> bool:
        """S3's own rules of signing: the path as it is, the payload's hash in a header, and that may be left out."""
        return self.service in {"s3", "s3-outposts", "s3-object-lambda", "s3express"}

    def refused(self, kind: str, message: str) -> Refused:
        return Refused(kind, message, service=self.service)


class _Headers(dict[str, str]):
    """As botocore's signers read them. Its own class parses mail: most of the time of a verification."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]]


@dataclass
class _Request:
    """What botocore's signers read of an `AWSRequest`, which takes longer to make than to sign."""

    method: str
    url: str
    headers: dict[str, str]
    context: dict[str, Any]
    params: dict[str, str] = field(default_factory=dict)


class _Again:
    """Mixed into botocore's signers: sign what the sender signed, and not what botocore would."""

    def headers_to_sign(self, request: Any) -> Any:
        return request.context["signed"]


class _Signer(_Again, auth.SigV4Auth):
    pass


class _SignerOfS3(_Again, auth.S3SigV4Auth):
    pass


@dataclass
class Verifier:
    """`verify` a request against `keys`; `now` is the virtual clock."""

    keys: Keys
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def verify(self, environ: dict[str, Any]) -> Signed:
        """Who signed a WSGI request. Raises Refused. Its body is read, and lies in `wsgi.input` again."""
        claim = _claim(environ)
        key = self._key(claim)
        payload = _payload(environ, claim)
        body: bytes | None = None
        if payload is None:  # no header names the hash: nothing can be verified before all is read
            body = _body(environ, claim)
            payload = sha256(body).hexdigest()
        request, signer = _again(environ, claim, key, payload)
        expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
            raise claim.refused(
                "signature",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
                "Key and signing method. Consult the service documentation for details.",
            )
        self._in_time(claim, key)
        if body is None:
            body = _body(environ, claim, most=None)
            _check(body, payload, claim, environ, sign=lambda text: str(signer.signature(text, request)))
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        if claim.presigned:  # moto, too, reads region, service and caller from the header
            environ["HTTP_AUTHORIZATION"] = (
                f"{ALGORITHM} Credential={claim.key}/{claim.date}/{claim.region}/{claim.service}/aws4_request, "
                f"SignedHeaders={';'.join(claim.signed)}, Signature={claim.signature}"
            )
        return Signed(claim.key, claim.region, claim.service, claim.presigned)

    def _key(self, claim: _Claim) -> Key:
        key = self.keys.find(claim.key)
        if key is None:
            raise claim.refused("key", "The security token included in the request is invalid.")
        if not key.takes(claim.token):
            raise claim.refused("token", "The security token included in the request is invalid.")
        if key.expires is not None and key.expires < min(self.now(), real_now()):
            raise claim.refused("expired token", "The security token included in the request is expired")
        return key

    def _in_time(self, claim: _Claim, key: Key) -> None:
        """Two clocks: functions and clients of this process sign by the virtual one, programs of the machine by the real one."""
        clocks = [self.now(), real_now()] if key.real else [self.now()]
        if claim.expires is not None:
            if not any(claim.stamp - SKEW_OF_S3 <= clock <= claim.stamp + claim.expires for clock in clocks):
                raise claim.refused("expired url", "Request has expired")
            return
        skew = SKEW_OF_S3 if claim.s3 else SKEW
        if not any(abs(clock - claim.stamp) <= skew for clock in clocks):
            clock = clocks[0]
            late, edge = ("expired", clock - skew) if claim.stamp < clock else ("not yet current", clock + skew)
            word, sign = ("earlier", "-") if claim.stamp < clock else ("later", "+")
            raise claim.refused(
                "time",
                f"Signature {late}: {claim.stamp:{_STAMP}} is now {word} than {edge:{_STAMP}} "
                f"({clock:{_STAMP}} {sign} {skew.seconds // 60} min.)",
            )


# ---------------------------------------------------------------------- what the request says
def _claim(environ: Mapping[str, Any]) -> _Claim:
    header = environ.get("HTTP_AUTHORIZATION")
    query = _authority(environ.get("QUERY_STRING", ""))
    if header is not None and query:
        raise Refused("two mechanisms", "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
                      "query string parameter or the Authorization header should be specified", service="s3")  # fmt: skip
    claim = _of_query(query) if query else _of_header(header, environ)
    if claim.stamp.strftime("%Y%m%d") != claim.date:
        raise claim.refused("signature", f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: "
                            f"'{claim.date}' != '{claim.stamp:%Y%m%d}'")  # fmt: skip
    if "host" not in claim.signed:
        raise claim.refused("signature", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    unsigned = sorted(name for name in _amazons(environ) if name not in claim.signed)
    if unsigned:
        raise claim.refused(
            "unsigned headers", f"There were headers present in the request which were not signed: {', '.join(unsigned)}"
        )
    return claim


def _of_header(header: str | None, environ: Mapping[str, Any]) -> _Claim:
    if header is None:
        raise Refused("missing", "Request is missing Authentication Token")
    match = _AUTHORIZATION.fullmatch(header.strip())
    if match is None:
        raise _malformed(header)
    try:
        date = environ.get("HTTP_X_AMZ_DATE")
        if date is not None:
            stamp = datetime.strptime(date, _STAMP).replace(tzinfo=UTC)
        else:
            stamp = parsedate_to_datetime(environ.get("HTTP_DATE", "")).astimezone(UTC)
    except ValueError:
        raise Refused("incomplete", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
                      service=match["service"]) from None  # fmt: skip
    return _Claim(
        match["key"],
        match["date"],
        match["region"],
        match["service"],
        signed=tuple(match["headers"].split(";")),
        signature=match["signature"],
        stamp=stamp,
        token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN", ""),
        presigned=False,
    )


def _malformed(header: str) -> Refused:
    """What a header lacks, in AWS's words; the header itself is not repeated, since it may hold another's signature."""
    found = re.search(r"/([a-z0-9.-]+)/aws4_request", header)
    service = found[1] if found else ""
    if not header.startswith(f"{ALGORITHM} "):
        return Refused(
            "unsupported", "Unsupported authorization type: the mechanism that is taken is AWS4-HMAC-SHA256.", service=service
        )
    lacking = [name for name in ("Credential", "Signature", "SignedHeaders") if f"{name}=" not in header]
    said = " ".join(f"Authorization header requires '{name}' parameter." for name in lacking)
    return Refused(
        "incomplete", said or "Credential must have exactly 5 slash-delimited elements, and stand first.", service=service
    )


def _of_query(query: dict[str, str]) -> _Claim:
    credential = _CREDENTIAL.fullmatch(query.get("credential", ""))
    service = credential["service"] if credential else "s3"
    said = (
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, "
        "X-Amz-SignedHeaders, and X-Amz-Expires parameters."
    )
    if query.get("") or query.get("algorithm", ALGORITHM) != ALGORITHM:
        raise Refused(
            "unsupported",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            service=service,
        )
    if credential is None or any(not query.get(name) for name in _AUTHORITY):
        raise Refused("incomplete query", said, service=service)
    try:
        stamp = datetime.strptime(query["date"], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise Refused(
            "incomplete query", "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", service=service
        ) from None
    if not query["expires"].isdecimal() or not 0 < int(query["expires"]) <= LONGEST_PRESIGNED:
        raise Refused("incomplete query", f"X-Amz-Expires must be a number between 1 and {LONGEST_PRESIGNED}", service=service)
    return _Claim(
        credential["key"],
        credential["date"],
        credential["region"],
        credential["service"],
        signed=tuple(query["signedheaders"].split(";")),
        signature=query["signature"],
        stamp=stamp,
        token=query.get("security-token", ""),
        presigned=True,
        expires=timedelta(seconds=int(query["expires"])),
    )


def _authority(text: str) -> dict[str, str]:
    """The parameters of a presigned URL, without `X-Amz-`; {} of a query without any. Under "": those of Signature Version 2."""
    if "Signature" not in text and "X-Amz-" not in text and "AWSAccessKeyId" not in text:
        return {}
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in {"Signature", "AWSAccessKeyId"}:
            found[""] = "2"
        short = name.removeprefix("X-Amz-").lower()
        if name.startswith("X-Amz-") and short in {*_AUTHORITY, "security-token"}:
            if short in found:
                raise Refused("incomplete query", f"{name} is there twice", service="s3")
            found[short] = value
    return found


def _amazons(environ: Mapping[str, Any]) -> Iterator[str]:
    """AWS's own headers of a request, as they were spelled, in lower case: each must be signed."""
    spelled = environ.get(PRESERVED_HEADER_NAMES_ENVIRON_KEY) or {}
    for name in environ:
        if name.startswith("HTTP_X_AMZ_"):
            yield str(spelled.get(name, name.removeprefix("HTTP_").replace("_", "-"))).lower()


# ---------------------------------------------------------------------- signing it again
def _again(environ: Mapping[str, Any], claim: _Claim, key: Key, payload: str) -> tuple[_Request, Any]:
    signed = _Headers()
    for name in claim.signed:
        value = _header(environ, name)
        if value is None:
            raise claim.refused("signature", f"The signed header '{name}' is not in the request.")
        signed[name] = value
    target = environ.get("RAW_URI") or environ["REQUEST_URI"]
    if claim.presigned:
        path, _, query = target.partition("?")
        target = f"{path}?{'&'.join(each for each in query.split('&') if not each.startswith('X-Amz-Signature='))}"
    request = _Request(
        environ["REQUEST_METHOD"],
        f"http://{environ['HTTP_HOST']}{target}",
        {"X-Amz-Content-SHA256": payload},
        {"timestamp": f"{claim.stamp:{_STAMP}}", "signed": signed},
    )
    secret = botocore_credentials.Credentials(claim.key, key.credentials.secret_access_key)
    return request, (_SignerOfS3 if claim.s3 else _Signer)(secret, claim.service, claim.region)


def _header(environ: Mapping[str, Any], name: str) -> str | None:
    key = name.upper().replace("-", "_")
    value = environ.get(key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}")
    if value is None:
        return None
    try:  # WSGI's latin-1 back to what was sent
        return str(value).encode("latin-1").decode()
    except UnicodeError:
        return str(value)


# ---------------------------------------------------------------------- the payload
def _payload(environ: Mapping[str, Any], claim: _Claim) -> str | None:
    """What stands for the body in the signature; None when that is its hash, and no header names it."""
    named: str | None = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if named is None:
        return _UNSIGNED if claim.s3 and claim.presigned else None
    if _HASH.fullmatch(named) or (claim.s3 and (named == _UNSIGNED or _STREAMED.fullmatch(named))):
        return named
    raise claim.refused("payload", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, or a valid sha256 value.")


def _body(environ: Mapping[str, Any], claim: _Claim, most: int | None = MOST) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        body = stream.read() if most is None else stream.read(most + 1)
    else:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not str(length).isdecimal() or (most is not None and int(length) > most):
            raise claim.refused("too large", "The request entity is too large.")
        body = stream.read(int(length))
    if most is not None and len(body) > most:
        raise claim.refused("too large", "The request entity is too large.")
    return bytes(body)


def _check(body: bytes, payload: str, claim: _Claim, environ: Mapping[str, Any], *, sign: Callable[[str], str]) -> None:
    """That the body is the one that was signed."""
    if payload == _UNSIGNED:
        return
    if not payload.startswith("STREAMING-"):
        if sha256(body).hexdigest() != payload:
            raise claim.refused("hash", "The provided 'x-amz-content-sha256' header does not match what was computed.")
        return
    chunks = _Chunks(body, claim)
    if payload.startswith("STREAMING-AWS4"):
        chunks.verify(sign)
    chunks.check(environ)


class _Chunks:
    """A body in `aws-chunked` encoding: S3 API Reference, "Signature calculations: transferring payload in multiple chunks"."""

    def __init__(self, body: bytes, claim: _Claim) -> None:
        self._claim = claim
        self._parts: list[tuple[bytes, str]] = []
        """Data and signature of each chunk, the empty last one included."""
        self.trailers: dict[str, str] = {}
        stream = io.BytesIO(body)
        try:
            while not self._parts or self._parts[-1][0]:
                size, _, extension = stream.readline().strip().partition(b";")
                data = stream.read(int(size, 16))
                if len(data) != int(size, 16) or (data and stream.read(2) != b"\r\n"):
                    raise ValueError
                self._parts.append((data, extension.decode().removeprefix("chunk-signature=")))
            for line in stream.read().split(b"\n"):
                name, colon, value = line.decode().strip().partition(":")
                if colon:
                    self.trailers[name.lower()] = value
        except ValueError:
            raise claim.refused("body", "The request body is not in the aws-chunked encoding it is said to have.") from None

    def verify(self, sign: Callable[[str], str]) -> None:
        """Each chunk's signature holds the one before it, the first one the request's."""
        before = self._claim.signature
        scope = f"{self._claim.date}/{self._claim.region}/{self._claim.service}/aws4_request"
        head = f"\n{self._claim.stamp:{_STAMP}}\n{scope}\n"
        for data, signature in self._parts:
            expected = sign(f"{ALGORITHM}-PAYLOAD{head}{before}\n{_EMPTY}\n{sha256(data).hexdigest()}")
            before = self._same(expected, signature)
        trailing = {name: value for name, value in self.trailers.items() if name != "x-amz-trailer-signature"}
        if trailing:
            text = "".join(f"{name}:{trailing[name]}\n" for name in sorted(trailing))
            expected = sign(f"AWS4-HMAC-SHA256-TRAILER{head}{before}\n{sha256(text.encode()).hexdigest()}")
            self._same(expected, self.trailers.get("x-amz-trailer-signature", ""))

    def _same(self, expected: str, signature: str) -> str:
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise self._claim.refused(
                "signature", "The request signature we calculated does not match the signature you provided."
            )
        return expected

    def check(self, environ: Mapping[str, Any]) -> None:
        """The length and the checksum that were announced."""
        length = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH", "")
        if not length.isdecimal() or int(length) != sum(len(data) for data, _ in self._parts):
            raise self._claim.refused("body", "The request body's length is not its x-amz-decoded-content-length.")
        for name in filter(None, environ.get("HTTP_X_AMZ_TRAILER", "").lower().replace(" ", "").split(",")):
            if name not in self.trailers:
                raise self._claim.refused("body", f"The trailing header {name} that was announced is not there.")
            kind = CHECKSUMS.get(name.removeprefix("x-amz-checksum-"))
            if kind is not None and self._sum(kind()) != self.trailers[name]:
                raise self._claim.refused("digest", f"The {name} you specified did not match what we received.")

    def _sum(self, checksum: Any) -> str:
        for data, _ in self._parts:
            checksum.update(data)
        return base64.b64encode(checksum.digest()).decode()


CHECKSUMS: dict[str, Callable[[], Any]] = {
    "crc32": httpchecksum.Crc32Checksum,
    "sha1": httpchecksum.Sha1Checksum,
    "sha256": httpchecksum.Sha256Checksum,
}
"""Those that botocore computes by itself; CRC32C and CRC64NVME need a library that is not everywhere, and are S3's to check."""
