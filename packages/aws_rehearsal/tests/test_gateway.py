from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_rehearsal.gateway import INHABITANT, OF_AWS, refusal

HOME, OTHER = "ap-southeast-1", "ap-southeast-2"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


def ask(cloud: Cloud, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    connection.request("GET", "/", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_web_page_is_refused(cloud: Cloud) -> None:
    assert ask(cloud, Origin="https://example.com") == 403


def test_a_foreign_host_is_refused(cloud: Cloud) -> None:
    assert ask(cloud, Host="rebound.example.com") == 403


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
