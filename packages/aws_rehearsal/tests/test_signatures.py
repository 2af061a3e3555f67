"""Only who is known to the cloud is let in: signatures of requests, of presigned URLs and of chunks, and the clocks they go by.

AWS's own examples are held against the verifier: "Examples of signature calculations" of the Amazon S3 API Reference.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from aws_rehearsal import Cloud, Credentials
from aws_rehearsal.credentials import Key, Keys, real_now
from aws_rehearsal.signature import Refused, Verifier
from aws_support.callers import through_the_port
from aws_support.functions import create as create_function
from aws_support.functions import invoke, trust

REGION, BUCKET = "ap-southeast-1", "vault-of-the-bank"
CALLS = [
    ("sts", "get_caller_identity"),
    ("ec2", "describe_vpcs"),
    ("s3", "list_buckets"),
    ("route53", "list_hosted_zones"),
    ("dynamodb", "list_tables"),
    ("lambda", "list_functions"),
    ("cloudwatch", "list_metrics"),
    ("backup", "list_backup_vaults"),
]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        trust(cloud)
        place = {"LocationConstraint": REGION}
        cloud.client("s3", REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield cloud


@pytest.fixture
def unheard(cloud: Cloud) -> Iterator[None]:
    """Whatever the test sends counts as no call, and none is answered by a service."""
    before = dict(cloud.gateway.calls), dict(cloud.gateway.callers)
    yield
    assert (dict(cloud.gateway.calls), dict(cloud.gateway.callers)) == before


def code(call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"


def send(cloud: Cloud, method: str, target: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> tuple[int, str]:
    """As it is, through the port: status and the error's code, or the text."""
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    connection.request(method, target, body=body or None, headers={"Host": f"localhost:{cloud.port}", **headers})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, answer.headers.get("X-Amzn-Errortype") or text


def signed(  # noqa: PLR0917  as a request is written
    cloud: Cloud, method: str, path: str, service: str, headers: dict[str, str], body: bytes = b"", **options: Any
) -> AWSRequest:
    """Signed by botocore as `somebody`, with the virtual time, which is this process's."""
    made = cloud.credentials(options.pop("caller", "somebody"))
    keys = BotoCredentials(made.access_key_id, options.pop("secret", made.secret_access_key))
    request = AWSRequest(method, f"{cloud.endpoint}{path}", headers, data=body)
    kind = options.pop("kind", S3SigV4Auth if service == "s3" else SigV4Auth)
    kind(keys, service, options.pop("region", REGION), **options).add_auth(request)
    return request


def sent(cloud: Cloud, request: AWSRequest, **changed: str) -> tuple[int, str]:
    headers = {name: str(value) for name, value in request.headers.items()} | {k.replace("_", "-"): v for k, v in changed.items()}
    url = urlsplit(request.url)
    return send(cloud, request.method, f"{url.path}?{url.query}" if url.query else url.path, headers, request.data)


TARGET = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}


# ---------------------------------------------------------------------- who is let in
@pytest.mark.parametrize(("service", "call"), CALLS)
def test_who_signs_with_the_secret_of_its_key_is_let_in(cloud: Cloud, service: str, call: str) -> None:
    getattr(through_the_port(cloud, service, REGION), call)()


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize(
    ("service", "call", "wanted"),
    [
        ("sts", "get_caller_identity", "MissingAuthenticationToken"),
        ("ec2", "describe_vpcs", "MissingAuthenticationToken"),
        ("s3", "list_buckets", "AccessDenied"),
        ("dynamodb", "list_tables", "MissingAuthenticationTokenException"),
        ("cloudwatch", "list_metrics", "MissingAuthenticationTokenException"),
    ],
)
def test_who_does_not_sign_is_told_so_in_the_services_own_form(cloud: Cloud, service: str, call: str, wanted: str) -> None:
    client = through_the_port(cloud, service, REGION, signature_version=UNSIGNED)
    assert code(getattr(client, call)) == wanted


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize(
    ("service", "call", "codes"),
    [
        ("sts", "get_caller_identity", ("SignatureDoesNotMatch", "InvalidClientTokenId")),
        ("ec2", "describe_vpcs", ("AuthFailure", "AuthFailure")),
        ("s3", "list_buckets", ("SignatureDoesNotMatch", "InvalidAccessKeyId")),
        ("route53", "list_hosted_zones", ("SignatureDoesNotMatch", "InvalidClientTokenId")),
        ("dynamodb", "list_tables", ("InvalidSignatureException", "UnrecognizedClientException")),
        ("lambda", "list_functions", ("InvalidSignatureException", "UnrecognizedClientException")),
        ("cloudwatch", "list_metrics", ("InvalidSignatureException", "UnrecognizedClientException")),
        ("backup", "list_backup_vaults", ("InvalidSignatureException", "UnrecognizedClientException")),
    ],
)
def test_a_wrong_secret_and_an_unknown_key_are_refused(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, service: str, call: str, codes: tuple[str, str]
) -> None:
    for key, wanted in zip(("rehearsal", "nobody-of-this-cloud"), codes, strict=True):
        cloud.credentials("rehearsal")
        with monkeypatch.context() as patch:
            patch.setattr(cloud, "credentials", lambda _caller, key=key: Credentials(key, "rehearsal"))
            client = through_the_port(cloud, service, REGION)
        assert code(getattr(client, call)) == wanted


@pytest.mark.usefixtures("unheard")
def test_one_caller_cannot_sign_as_another(cloud: Cloud) -> None:
    mine = cloud.credentials("mine").secret_access_key
    cloud.credentials("theirs")
    assert sent(cloud, signed(cloud, "POST", "/", "dynamodb", dict(TARGET), b"{}", caller="theirs", secret=mine))[0] == 400
    assert mine not in repr(cloud.credentials("mine"))


def test_another_cloud_has_other_secrets(cloud: Cloud) -> None:
    assert Keys().issue("rehearsal") != cloud.keys.issue("rehearsal")


def test_a_function_knows_its_own_secret_only(cloud: Cloud) -> None:
    text = "import os\n\ndef handler(event, context):\n    return dict(os.environ)\n"
    create_function(cloud, "asker", {"asker.py": text}, Handler="asker.handler")
    environment = invoke(cloud, "asker", {})[0]
    own = cloud.keys.issue("asker", session=True, home=REGION).environment()
    assert {name: environment[name] for name in own} == own
    others = {cloud.keys.issue(name).secret_access_key for name in ("rehearsal", "deployer", "operator")}
    assert not any(secret in value for secret in others for value in environment.values())


# ---------------------------------------------------------------------- what was changed on the way
def test_what_was_signed_is_what_is_taken(cloud: Cloud) -> None:
    request = signed(cloud, "POST", "/", "dynamodb", dict(TARGET), b"{}")
    assert sent(cloud, request)[0] == 200


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize(
    "change",
    [
        {"X_Amz_Target": "DynamoDB_20120810.DeleteTable"},
        {"X_Amz_Date": "20261102T003001Z"},
        {"X_Amz_Security_Token": "another"},
        {"X_Amz_Content_Sha256": sha256(b"{}").hexdigest()},
        {"Host": "127.0.0.1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_or_added_header_is_refused(cloud: Cloud, change: dict[str, str]) -> None:
    request = signed(cloud, "POST", "/", "dynamodb", dict(TARGET), b"{}")
    status, said = sent(cloud, request, **change)
    assert (status, said in {"InvalidSignatureException", "UnrecognizedClientException"}) == (400, True)


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize("part", ["region", "service", "date", "key", "headers", "signature"])
def test_a_changed_scope_is_refused(cloud: Cloud, part: str) -> None:
    request = signed(cloud, "POST", "/", "dynamodb", dict(TARGET), b"{}")
    changes = {
        "region": (f"/{REGION}/", "/eu-west-1/"),
        "service": ("/dynamodb/", "/sqs/"),
        "date": ("/2026", "/2025"),
        "key": ("Credential=somebody/", "Credential=rehearsal/"),
        "headers": ("SignedHeaders=", "SignedHeaders=accept;"),
        "signature": ("Signature=", "Signature=0"),
    }
    cloud.credentials("rehearsal")
    header = request.headers["Authorization"].replace(*changes[part])
    assert header != request.headers["Authorization"]
    assert sent(cloud, request, Authorization=header)[0] >= 400


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize("service", ["dynamodb", "s3"])
def test_another_body_path_query_or_method_is_refused(cloud: Cloud, service: str) -> None:
    path = "/" if service == "dynamodb" else f"/{BUCKET}/key?tagging="
    request = signed(cloud, "PUT", path, service, {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, b"{}")
    headers = dict(request.headers.items())
    for method, target, body in (
        ("PUT", path, b"[]"),
        ("PUT", f"{path.partition('?')[0]}other", b"{}"),
        ("PUT", f"{path.partition('?')[0]}?acl=", b"{}"),
        ("POST", path, b"{}"),
    ):
        assert send(cloud, method, target, headers, body)[0] in {400, 403}


@pytest.mark.usefixtures("unheard")
def test_an_operation_that_is_asked_twice_is_the_one_that_was_signed(cloud: Cloud) -> None:
    """moto also goes by the body of what nobody signed for another service: roles for whoever brings a token."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=s&WebIdentityToken=t"
    body += b"&RoleArn=arn:aws:iam::123456789012:role/r"
    assert send(cloud, "POST", "/", form, body) == (403, "MissingAuthenticationToken")


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "IncompleteSignature"),
        ("AWS4-HMAC-SHA256", "IncompleteSignature"),
        ("AWS4-HMAC-SHA256 Credential=somebody/20261102/ap-southeast-1/sts/aws4_request", "IncompleteSignature"),
        ("AWS4-HMAC-SHA256 Credential=somebody/sts/aws4_request, SignedHeaders=host, Signature=0", "IncompleteSignature"),
        (
            "AWS4-ECDSA-P256-SHA256 Credential=somebody/20261102/sts/aws4_request, SignedHeaders=host, Signature=0",
            "IncompleteSignature",
        ),
        ("Basic c29tZWJvZHk6", "InvalidRequest"),
        ("AWS somebody:0000", "InvalidRequest"),
    ],
)
def test_what_is_no_signature_of_version_4_is_refused(cloud: Cloud, header: str, wanted: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": header}
    status, said = send(cloud, "POST", "/", form, b"Action=GetCallerIdentity&Version=2011-06-15")
    assert (status, said) in {(400, wanted), (400, "IncompleteSignature")}


# ---------------------------------------------------------------------- the payload
@pytest.mark.parametrize("key", ["a b/ü+c?d=1&e%20f", "a//b/../c", "moto-api/reset", "~tilde*(star)!"])
def test_keys_of_every_spelling_are_signed_as_they_are_sent(cloud: Cloud, key: str) -> None:
    s3 = through_the_port(cloud, "s3", REGION)
    s3.put_object(Bucket=BUCKET, Key=key, Body=io.BytesIO(b"text" * 5000), Metadata={"my_key": "two  spaces", "my-other": "ok"})
    found = s3.get_object(Bucket=BUCKET, Key=key)
    assert (found["Body"].read(), found["Metadata"]) == (b"text" * 5000, {"my_key": "two  spaces", "my-other": "ok"})


def test_a_payload_may_be_left_unsigned_in_s3_alone(cloud: Cloud) -> None:
    s3 = through_the_port(cloud, "s3", REGION, s3={"payload_signing_enabled": False})
    s3.put_object(Bucket=BUCKET, Key="unsigned", Body=b"text")
    request = signed(cloud, "POST", "/", "dynamodb", TARGET | {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, b"{}")
    assert sent(cloud, request) == (400, "InvalidSignatureException")


def chunked(data: bytes, checksum: bytes) -> bytes:
    size = f"{len(data):x}".encode()
    return size + b"\r\n" + data + b"\r\n0\r\nx-amz-checksum-crc32:" + checksum + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "length", "wanted"),
    [
        (b"content", 7, (200, "")),
        (b"altered", 7, (400, "BadDigest")),
        (b"content", 6, (400, "IncompleteBody")),
        (None, 7, (400, "IncompleteBody")),
    ],
)
def test_chunks_with_a_trailing_checksum_as_the_cdks_sdk_sends_them(
    cloud: Cloud, data: bytes | None, length: int, wanted: tuple[int, str]
) -> None:
    checksum = base64.b64encode(zlib.crc32(b"content").to_bytes(4, "big"))
    body = chunked(data, checksum) if data is not None else b"content"
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
        "X-Amz-Decoded-Content-Length": str(length),
    }

    class Streaming(S3SigV4Auth):
        def payload(self, request: Any) -> str:  # noqa: ARG002
            return "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    assert sent(cloud, signed(cloud, "PUT", f"/{BUCKET}/chunks", "s3", headers, body, kind=Streaming)) == wanted
    if wanted[0] == 200:
        assert cloud.client("s3", REGION).get_object(Bucket=BUCKET, Key="chunks")["Body"].read() == data


# ---------------------------------------------------------------------- AWS's own examples
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
LONG_AGO = datetime(2013, 5, 24, tzinfo=UTC)


class Example:
    """AWS's user, on the day of its examples."""

    def __init__(self) -> None:
        keys = Keys()
        keys._issued[EXAMPLE.access_key_id] = Key(EXAMPLE)
        self.now = LONG_AGO
        self.verifier = Verifier(keys, lambda: self.now)

    def verify(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Any:
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {"REQUEST_METHOD": method, "RAW_URI": target, "PATH_INFO": path, "QUERY_STRING": query}
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_LENGTH" else f"HTTP_{key}"] = value
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self.verifier.verify(environ)


def authorization(headers: str, signature: str) -> str:
    scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={headers},Signature={signature}"


def test_awss_example_of_a_get() -> None:
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Range": "bytes=0-9",
        "x-amz-content-sha256": sha256().hexdigest(),
        "x-amz-date": "20130524T000000Z",
        "Authorization": authorization(
            "host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
    }
    example = Example()
    found = example.verify("GET", "/test.txt", headers)
    assert (found.caller, found.region, found.service, found.presigned) == (EXAMPLE.access_key_id, "us-east-1", "s3", False)
    with pytest.raises(Refused):
        example.verify("GET", "/test.txt", headers | {"Range": "bytes=0-99"})
    example.now += timedelta(minutes=16)
    with pytest.raises(Refused) as late:
        example.verify("GET", "/test.txt", headers)
    assert late.value.kind == "time"


def test_awss_example_of_a_presigned_url() -> None:
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    example, host = Example(), {"Host": "examplebucket.s3.amazonaws.com"}
    assert example.verify("GET", f"/test.txt?{query}", host).presigned
    example.now += timedelta(hours=23)
    assert example.verify("GET", f"/test.txt?{query}", host).presigned
    for target in (f"/other.txt?{query}", f"/test.txt?{query.replace('86400', '604800')}", f"/test.txt?acl=&{query}"):
        with pytest.raises(Refused):
            example.verify("GET", target, host)
    example.now += timedelta(hours=2)
    with pytest.raises(Refused) as late:
        example.verify("GET", f"/test.txt?{query}", host)
    assert late.value.kind == "expired url"


def test_awss_example_of_signed_chunks() -> None:
    signatures = (
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    )
    parts = (b"a" * 65536, b"a" * 1024, b"")
    body = b"".join(
        f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + b"\r\n"
        for data, signature in zip(parts, signatures, strict=True)
    )
    headers = {
        "Host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "Content-Encoding": "aws-chunked",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "x-amz-decoded-content-length": "66560",
        "Authorization": authorization(
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
    }
    assert len(body) == 66824
    assert Example().verify("PUT", "/examplebucket/chunkObject.txt", headers, body).service == "s3"
    for wrong in (
        body.replace(b"a" * 1024 + b"\r\n0", b"a" * 1023 + b"b\r\n0"),
        body.replace(signatures[1].encode(), signatures[2].encode()),
        body[: 65536 + 87] + body[-86:],  # the second chunk left out
    ):
        with pytest.raises(Refused):
            Example().verify("PUT", "/examplebucket/chunkObject.txt", headers, wrong)


# ---------------------------------------------------------------------- presigned URLs
def opened(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, method=method, data=body, headers={"Content-Type": "text/plain"})  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_presigned_url_reads_and_writes_objects_until_it_expires(cloud: Cloud) -> None:
    s3 = cloud.client("s3", REGION)
    put = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "x y"}, ExpiresIn=600)
    get = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "x y"}, ExpiresIn=600)
    assert opened(put, "PUT", b"text")[0] == 200
    assert opened(get) == (200, b"text")
    assert opened(get.replace("x%20y", "other"))[0] == 403
    assert opened(get, "DELETE")[0] == 403
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=11))
    status, said = opened(get)
    assert (status, b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in said) == (403, True)
    assert opened(put, "PUT", b"other")[0] == 403
    assert s3.get_object(Bucket=BUCKET, Key="x y")["Body"].read() == b"text"


@pytest.mark.usefixtures("unheard")
def test_a_presigned_url_for_longer_than_a_week_is_refused(cloud: Cloud) -> None:
    url = cloud.client("s3", REGION).generate_presigned_url("list_buckets", ExpiresIn=604_801)
    assert b"AuthorizationQueryParametersError" in opened(url)[1]


@pytest.mark.usefixtures("unheard")
def test_a_url_of_version_2_is_refused_as_by_every_bucket_of_today(cloud: Cloud) -> None:
    s3 = through_the_port(cloud, "s3", REGION, signature_version="s3")
    status, said = opened(s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "x"}))
    assert (status, b"Please use AWS4-HMAC-SHA256" in said) == (400, True)


def test_a_url_that_is_opened_changes_nothing(cloud: Cloud) -> None:
    """A link would be enough: AWS would do it, and the embedded AWS tells who asks why it does not."""
    done = [("iam", "CreateUser"), ("sns", "DeleteTopic"), ("sts", "GetSessionToken"), ("ec2", "RunInstances")]
    for service, call, parameters in (
        ("iam", "create_user", {"UserName": "mallory"}),
        ("sns", "delete_topic", {"TopicArn": f"arn:aws:sns:{REGION}:123456789012:alerts"}),
        ("sts", "get_session_token", {}),
        ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1}),
    ):
        client = cloud.client(service, REGION)
        url = client.generate_presigned_url(call, Params=parameters, HttpMethod="GET")
        status, said = opened(url)
        assert (status, b"AccessDenied" in said) == (403, True), said
    assert cloud.client("iam", REGION).list_users()["Users"] == []
    assert not any(cloud.gateway.calls[REGION, service, call] for service, call in done)


def test_a_url_that_reads_is_answered_by_the_service_it_was_signed_for(cloud: Cloud) -> None:
    url = cloud.client("sts", REGION).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    status, said = opened(url)
    assert (status, b"<Account>123456789012</Account>" in said) == (200, True)
    assert cloud.gateway.calls[REGION, "sts", "GetCallerIdentity"]


@pytest.mark.usefixtures("unheard")
def test_both_ways_of_signing_at_once_are_refused(cloud: Cloud) -> None:
    request = signed(cloud, "GET", f"/{BUCKET}", "s3", {})
    query = signed(cloud, "GET", f"/{BUCKET}", "s3", {}, kind=SigV4QueryAuth).url.partition("?")[2]
    assert send(cloud, "GET", f"/{BUCKET}?{query}", dict(request.headers.items())) == (400, "InvalidArgument")


# ---------------------------------------------------------------------- clocks
def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: moment.replace(tzinfo=None))


@pytest.mark.parametrize(("minutes", "status"), [(-6, 400), (-4, 200), (4, 200), (6, 400)])
@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_five_minutes_of_skew_are_allowed_by_either_clock(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, minutes: int, status: int, clock: str
) -> None:
    now = cloud.clock.now() if clock == "virtual" else real_now()
    at(now + timedelta(minutes=minutes), monkeypatch)
    request = signed(cloud, "POST", "/", "dynamodb", dict(TARGET), b"{}")
    assert sent(cloud, request)[0] == status


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize(
    ("service", "call", "wanted"),
    [
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("ec2", "describe_vpcs", "RequestExpired"),
        ("s3", "list_buckets", "RequestTimeTooSkewed"),
        ("dynamodb", "list_tables", "InvalidSignatureException"),
    ],
)
def test_a_date_that_is_off_is_told_in_the_services_own_form(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, service: str, call: str, wanted: str
) -> None:
    client = through_the_port(cloud, service, REGION)
    at(cloud.clock.now() - timedelta(days=900), monkeypatch)
    assert code(getattr(client, call)) == wanted


# ---------------------------------------------------------------------- what IAM and STS hand out
def test_a_users_key_works_while_it_is_active(cloud: Cloud) -> None:
    iam = cloud.client("iam", REGION)
    iam.create_user(UserName="ana")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="ana", PolicyName="all", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    keys = BotoCredentials(key["AccessKeyId"], key["SecretAccessKey"])

    def asked() -> int:
        request = AWSRequest("POST", f"{cloud.endpoint}/", dict(TARGET), data=b"{}")
        SigV4Auth(keys, "dynamodb", REGION).add_auth(request)
        return sent(cloud, request)[0]

    assert asked() == 200
    iam.update_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert asked() == 400
    iam.update_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert asked() == 200
    iam.delete_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"])
    assert asked() == 400
    iam.delete_user_policy(UserName="ana", PolicyName="all")
    iam.delete_user(UserName="ana")


def test_a_roles_credentials_need_their_token_and_expire(cloud: Cloud) -> None:
    made = cloud.client("sts", REGION).assume_role(RoleArn="arn:aws:iam::123456789012:role/function", RoleSessionName="me")[
        "Credentials"
    ]

    def asked(token: str | None) -> tuple[int, str]:
        request = AWSRequest("POST", f"{cloud.endpoint}/", dict(TARGET), data=b"{}")
        SigV4Auth(BotoCredentials(made["AccessKeyId"], made["SecretAccessKey"], token), "dynamodb", REGION).add_auth(request)
        status, said = sent(cloud, request)
        return status, said if status != 200 else ""

    assert asked(made["SessionToken"]) == (200, "")
    assert asked(None) == (400, "UnrecognizedClientException")
    assert asked("another") == (400, "UnrecognizedClientException")


@pytest.mark.usefixtures("unheard")
def test_what_moto_gives_everybody_the_same_of_lets_nobody_in(cloud: Cloud) -> None:
    keys = BotoCredentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY")
    request = AWSRequest("POST", f"{cloud.endpoint}/", dict(TARGET), data=b"{}")
    SigV4Auth(keys, "dynamodb", REGION).add_auth(request)
    assert sent(cloud, request) == (400, "UnrecognizedClientException")


def test_secrets_are_not_drawn_from_a_generator_that_anybody_may_seed(cloud: Cloud) -> None:
    iam, made = cloud.client("iam", REGION), []
    iam.create_user(UserName="twice")
    for _ in range(2):
        mock_random.seed(1)
        key = iam.create_access_key(UserName="twice")["AccessKey"]
        made.append(key["SecretAccessKey"])
        iam.delete_access_key(UserName="twice", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="twice")
    assert made[0] != made[1]


def test_a_body_is_json_whatever_the_error(cloud: Cloud) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    connection.request("POST", "/", body=b"{}", headers=TARGET)
    found = json.loads(connection.getresponse().read())
    connection.close()
    assert found["__type"] == "MissingAuthenticationTokenException"
