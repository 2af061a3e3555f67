from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_rehearsal.gateway import INHABITANT, OF_AWS, refusal
from aws_support.callers import through_the_port

HOME, OTHER = "ap-southeast-1", "ap-southeast-2"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


def ask(cloud: Cloud, *, method: str = "GET", path: str = "/", **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    connection.request(method, path, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


BROWSERS = [
    {"Origin": "https://example.com"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-User": "?1"},
    {"Referer": "https://example.com/page"},
    {"Referer": "http://localhost.example.com/"},
    {"Host": "rebound.example.com"},
    {"Host": "localhost.example.com:80"},
]


@pytest.mark.parametrize("headers", BROWSERS, ids=str)
def test_what_a_web_page_sends_is_refused_and_heard_by_nobody(cloud: Cloud, headers: dict[str, str]) -> None:
    before = dict(cloud.gateway.calls)
    assert ask(cloud, **headers) == 403
    assert dict(cloud.gateway.calls) == before


@pytest.mark.parametrize("headers", BROWSERS, ids=str)
def test_a_signature_lets_no_web_page_in(cloud: Cloud, headers: dict[str, str]) -> None:
    client = through_the_port(cloud, "dynamodb", HOME)

    def add(request: Any, **_: Any) -> None:
        for name, value in headers.items():
            request.headers[name] = value

    client.meta.events.register("before-sign", add)
    before = cloud.gateway.calls[HOME, "dynamodb", "ListTables"]
    with pytest.raises(ClientError) as refused:
        client.list_tables()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert refused.value.response["Error"]["Message"] == "the embedded AWS answers programs on this machine only"
    assert cloud.gateway.calls[HOME, "dynamodb", "ListTables"] == before


def test_a_referer_of_its_own_is_nobody_elses(cloud: Cloud) -> None:
    client = through_the_port(cloud, "dynamodb", HOME)
    client.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("Referer", f"{cloud.endpoint}/"))
    assert client.list_tables()["TableNames"] == []


@pytest.mark.parametrize("path", ["moto-api/", "moto-api/data.json", "moto-api/config", "latest/meta-data/iam", "favicon.ico"])
def test_motos_own_pages_are_paths_in_s3_whoever_asks(cloud: Cloud, path: str) -> None:
    s3 = through_the_port(cloud, "s3", HOME)
    bucket, _, key = path.partition("/")
    with pytest.raises(ClientError) as missing:
        s3.get_object(Bucket=bucket, Key=key or "index")
    assert missing.value.response["Error"]["Code"] == "NoSuchBucket"


def test_motos_resets_reset_nothing(cloud: Cloud) -> None:
    s3 = cloud.client("s3", HOME)
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": HOME})
    signed = through_the_port(cloud, "s3", HOME)
    with pytest.raises(ClientError):
        signed.put_object(Bucket="moto-api", Key="reset", Body=b"")
    assert ask(cloud, method="POST", path="/moto-api/reset") == 403
    assert ask(cloud, method="POST", path="/moto-api/reset-auth") == 403
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["kept"]


def test_who_is_refused_does_not_hold_the_clock(cloud: Cloud) -> None:
    cloud.client("sts", HOME).get_caller_identity()
    time.sleep(0.3)
    assert ask(cloud, method="POST", path="/") == 403
    assert cloud.gateway.idle_seconds() > 0.3


def test_a_large_body_of_somebody_unknown_is_not_even_read(cloud: Cloud) -> None:
    header = f"AWS4-HMAC-SHA256 Credential=rehearsal/20261102/{HOME}/sqs/aws4_request, SignedHeaders=host, Signature=00"
    cloud.credentials("rehearsal")
    told = {"Authorization": header, "Date": "Mon, 02 Nov 2026 00:30:00 GMT", "Content-Length": str(1 << 40)}
    assert ask(cloud, method="POST", **told) == 413


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of listening sockets")
def test_it_listens_on_loopback_only(cloud: Cloud) -> None:
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"]
    ours = [address for address in listening if int(address.split(":")[1], 16) == cloud.port]
    assert ours == [f"0100007F:{cloud.port:04X}"]


def test_calls_are_counted_by_region_and_operation(cloud: Cloud) -> None:
    before = cloud.gateway.calls[HOME, "dynamodb", "ListTables"]
    cloud.client("dynamodb", HOME).list_tables()
    assert cloud.gateway.calls[HOME, "dynamodb", "ListTables"] == before + 1


def test_it_answers_for_the_rehearsal_account(cloud: Cloud) -> None:
    assert cloud.client("sts", HOME).get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.proves("recovery-region.independence")
@pytest.mark.parametrize(("service", "call"), [("dynamodb", "list_tables"), ("ec2", "describe_vpcs"), ("s3", "list_buckets")])
def test_a_lost_region_refuses_every_protocol_and_is_counted(tmp_path: Path, service: str, call: str) -> None:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        kept = cloud.region_directory(OTHER, "kept")
        gone = cloud.region_directory(HOME, "gone")
        cloud.lose_region(HOME)
        with pytest.raises(ClientError, match=f"{HOME} is unavailable") as caught:
            getattr(cloud.client(service, HOME), call)()
        assert caught.value.response["ResponseMetadata"]["RequestId"]
        assert sum(cloud.gateway.calls_after_loss.values()) == 1
        getattr(cloud.client(service, OTHER), call)()
        assert kept.exists()
        assert not gone.exists()


def test_the_last_calls_of_those_who_live_in_a_lost_region_are_refused_but_not_counted(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        cloud.lose_region(HOME)
        with pytest.raises(ClientError, match=f"{HOME} is unavailable"):
            cloud.client("dynamodb", HOME, mark=INHABITANT).list_tables()
        assert not cloud.gateway.calls_after_loss


def test_aws_tries_its_own_calls_again_itself(cloud: Cloud) -> None:
    """What is put in the place of answers is for those who call AWS."""
    cloud.gateway.interceptors.append(lambda *_: refusal("dynamodb", "ThrottlingException", "Rate exceeded", status=400))
    try:
        with pytest.raises(ClientError, match="Rate exceeded"):
            cloud.client("dynamodb", HOME).list_tables()
        assert cloud.client("dynamodb", HOME, mark=OF_AWS).list_tables()["TableNames"] == []
    finally:
        cloud.gateway.interceptors.clear()


def test_a_taken_port_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(OSError, match="in use"), Cloud(directory=tmp_path / "cloud", port=holder.getsockname()[1]):
            pass


def test_the_region_is_the_one_that_was_signed_for(cloud: Cloud) -> None:
    """moto would rather believe the User-Agent, which nobody signs: it would lead past the loss of a region."""
    sqs = through_the_port(cloud, "sqs", HOME, user_agent_extra=f"region/{OTHER}")
    sqs.create_queue(QueueName="signed-for-home")
    assert "QueueUrls" in cloud.client("sqs", HOME).list_queues(QueueNamePrefix="signed-for-home")
    assert "QueueUrls" not in cloud.client("sqs", OTHER).list_queues(QueueNamePrefix="signed-for-home")
