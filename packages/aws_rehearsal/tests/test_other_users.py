"""What another user of the machine can do with a cloud that runs on it: nothing. It is tried as `nobody`, with real requests."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aws_rehearsal import ACCOUNT, BALANCER, Cloud
from aws_support.functions import create as create_function
from aws_support.functions import trust

REGION = "ap-southeast-1"
NOBODY = 65534
PYTHON = "/usr/bin/python3"
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

ATTACK = r"""
import hashlib, hmac, http.client, json, os, subprocess, sys
asked = json.load(sys.stdin)
found = {"uid": os.getuid(), "http": [], "files": [], "mysql": []}


def send(port, method, target, headers, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, target, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()[:400].decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, type(error).__name__
    finally:
        connection.close()


for port in asked["ports"]:
    for method, target, headers, body in asked["requests"]:
        status, text = send(port, method, target, headers, body.encode())
        found["http"].append([port, method, target, status, text])
for folder in asked["folders"]:
    for path, *_ in os.walk(folder):
        found["files"].append(path)
    try:
        found["files"] += os.listdir(folder)
    except PermissionError:
        pass
for user, password in asked["logins"]:
    for way in (["-h127.0.0.1", f"-P{asked['mysql']}"], [f"-S{asked['socket']}"]):
        command = ["mariadb", "--no-defaults", *way, f"-u{user}", f"-p{password}", "--skip-ssl", "-e", "SHOW DATABASES"]
        done = subprocess.run(command, capture_output=True, text=True)
        found["mysql"].append([user, done.returncode])
print(json.dumps(found))
"""


def form(action: str, **values: str) -> str:
    return "&".join(["Version=2011-06-15", f"Action={action}", *(f"{name}={value}" for name, value in values.items())])


def guessed(service: str) -> str:
    """A header as every release until now took it: it names a caller, and proves nothing."""
    scope = f"rehearsal/20261102/{REGION}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"


def requests() -> list[tuple[str, str, dict[str, str], str]]:
    json_, url = {"Content-Type": "application/x-amz-json-1.0"}, {"Content-Type": "application/x-www-form-urlencoded"}
    table = {"TableName": "theirs", "BillingMode": "PAY_PER_REQUEST"}
    table |= {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    table |= {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    role = form("AssumeRole", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/function", RoleSessionName="me")
    token = role.replace("AssumeRole&", "AssumeRoleWithWebIdentity&WebIdentityToken=t&")
    plain: list[tuple[str, str, str, dict[str, str], str]] = [
        ("POST", "/", "dynamodb", json_ | {"X-Amz-Target": "DynamoDB_20120810.CreateTable"}, json.dumps(table)),
        ("POST", "/", "dynamodb", json_ | {"X-Amz-Target": "DynamoDB_20120810.DeleteTable"}, '{"TableName": "audit"}'),
        ("POST", "/2015-03-31/functions/worker/invocations", "lambda", {}, "{}"),
        ("POST", "/", "sts", url, role),
        ("POST", "/", "sts", url, token),
        ("POST", "/", "sqs", url, form("CreateQueue", QueueName="theirs")),
        ("GET", "/?" + form("CreateUser", UserName="theirs"), "iam", {}, ""),
        ("GET", "/?" + form("GetCallerIdentity"), "sts", {}, ""),
        ("PUT", "/theirs", "s3", {}, ""),
        ("PUT", "/bank/object", "s3", {}, "theirs"),
        ("GET", "/bank/object", "s3", {}, ""),
    ]
    doors = [
        *(
            (method, f"/moto-api/{path}")
            for method in ("GET", "POST")
            for path in ("", "data.json", "reset", "reset-auth", "config")
        ),
        ("POST", "/moto-api/seed?a=1"),
        ("POST", "/moto-api/recorder/start-recording"),
        ("GET", "/latest/meta-data/iam/security-credentials/default-role"),
        ("PUT", "/latest/api/token"),
        ("GET", "/SimpleNotificationService-0000.pem"),
        ("GET", f"/{REGION}_pool/.well-known/jwks.json"),
        ("GET", "/sqs_ap-southeast-1/queue"),
        ("GET", "/user/actuator/health"),
        ("GET", "http://api.bank.example/user/actuator/health"),
        ("POST", "/_aws/reset"),
    ]
    found = [(method, target, headers, body) for method, target, _, headers, body in plain]
    found += [
        (method, target, headers | {"Authorization": guessed(service), "X-Amz-Date": "20261102T003000Z"}, body)
        for method, target, service, headers, body in plain
    ]
    scope = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=rehearsal%2F20261102%2F{REGION}%2Fs3%2Faws4_request"
    scope += f"&X-Amz-Date=20261102T003000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature={'0' * 64}"
    found += [("GET", f"/bank/object?{scope}", {}, ""), ("PUT", f"/bank/object?{scope}", {}, "theirs")]
    return found + [(method, target, {}, "") for method, target in doors]


class Server:
    """An application server that answers its balancer alone."""

    path, key, running = "/user", "known-to-the-balancer", True

    def __init__(self) -> None:
        self.heard: list[str] = []
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return self._http.server_port

    def start(self) -> None:
        """It runs."""

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_of: Any

    def do_GET(self) -> None:
        known = self.headers.get(BALANCER) == self.server_of.key
        if known:
            self.server_of.heard.append(self.path)
        self.send_response(200 if known else 403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where everybody may look: pytest's own folders would hide the cloud's."""
    made = Path(tempfile.mkdtemp(dir="/tmp", prefix="everybody-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def cloud(folder: Path) -> Iterator[Cloud]:
    with Cloud(directory=folder / "cloud") as cloud:
        trust(cloud)
        cloud.client("s3", REGION).create_bucket(Bucket="bank", CreateBucketConfiguration={"LocationConstraint": REGION})
        cloud.client("s3", REGION).put_object(Bucket="bank", Key="object", Body=b"ours")
        cloud.client("dynamodb", REGION).create_table(
            TableName="audit",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        create_function(cloud, "worker", {"worker.py": "def handler(event, context):\n    return 1\n"}, Handler="worker.handler")
        cloud.client("rds", REGION).create_db_instance(
            DBInstanceIdentifier="crm", DBInstanceClass="db.t4g.small", Engine="mysql", AllocatedStorage=20,
            MasterUsername="master", MasterUserPassword="for-the-master-only",
        )  # fmt: skip
        cloud.client("rds", REGION).get_waiter("db_instance_available").wait(DBInstanceIdentifier="crm")
        yield cloud


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become another user, by setpriv")
@pytest.mark.skipif(not Path(PYTHON).exists(), reason="nobody needs a Python that everybody may run")
def test_nobody_can_do_nothing(cloud: Cloud, folder: Path) -> None:
    server = Server()
    cloud.application_servers["bank-user"] = server
    beanstalk = cloud.client("elasticbeanstalk", REGION)
    beanstalk.create_application(ApplicationName="bank")
    beanstalk.create_environment(ApplicationName="bank", EnvironmentName="bank-user")
    assert cloud.web is not None
    cloud.credentials("rehearsal").write(folder / "credentials")
    at = cloud.client("rds", REGION).describe_db_instances()["DBInstances"][0]["Endpoint"]
    (socket,) = cloud.directory.rglob("*.sock")
    asked = {
        "ports": [cloud.port, cloud.web.port, server.port],
        "requests": requests(),
        "folders": [str(cloud.directory), *map(str, (path for path in cloud.directory.rglob("*") if path.is_dir()))],
        "logins": [(user, word) for user in ("root", "rdsadmin", "master", "verifier") for word in ("", "rehearsal-iam-token")],
        "mysql": at["Port"],
        "socket": str(socket),
    }
    before = dict(cloud.gateway.callers)
    done = subprocess.run(
        [*AS_NOBODY, PYTHON, "-I", "-c", ATTACK],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["uid"] == NOBODY
    assert [each for each in found["http"] if each[3] < 400] == []
    assert found["files"] == []
    assert [each for each in found["mysql"] if each[1] == 0] == []
    assert server.heard == []
    assert dict(cloud.gateway.callers) == before
    assert cloud.client("dynamodb", REGION).list_tables()["TableNames"] == ["audit"]
    assert cloud.client("s3", REGION).get_object(Bucket="bank", Key="object")["Body"].read() == b"ours"
    assert subprocess.run([*AS_NOBODY, "cat", folder / "credentials"], capture_output=True, check=False).returncode


def test_the_folder_is_this_users_alone(cloud: Cloud) -> None:
    assert stat.S_IMODE(cloud.directory.stat().st_mode) == 0o700


def test_a_credentials_file_is_this_users_alone_and_follows_no_link(cloud: Cloud, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    (tmp_path / "credentials").symlink_to(elsewhere)
    old = os.umask(0)
    try:
        cloud.credentials("operator").write(tmp_path / "credentials")
    finally:
        os.umask(old)
    assert elsewhere.read_text() == "kept"
    assert stat.S_IMODE((tmp_path / "credentials").lstat().st_mode) == 0o600
    assert cloud.credentials("operator").secret_access_key in (tmp_path / "credentials").read_text()
