"""Lambda functions of the embedded AWS: real Python, in a worker like Lambda's."""

from __future__ import annotations

import importlib
import itertools
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cryptography
import psutil
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_support.functions import CODE, REGION, create, invoke, trust, zipped
from aws_support.waiting import eventually


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        trust(cloud)
        yield cloud


@pytest.fixture(scope="module")
def probe(cloud: Cloud) -> str:
    return create(
        cloud,
        "probe",
        {"recovery/handlers/probe.py": CODE, "recovery/__init__.py": "", "recovery/handlers/__init__.py": ""},
        Environment={"Variables": {"TABLE": "audit", "AWS_ENDPOINT_URL": "http://wrong.invalid"}},
    )


def test_runs_the_handler_warm_with_a_lambda_context(cloud: Cloud, probe: str) -> None:
    first, error, log = invoke(cloud, probe, {"rows": 3})
    second, _, _ = invoke(cloud, probe, {})

    assert error is None
    assert 'saw {"rows": 3}' in log
    assert (second["pid"], second["count"]) == (first["pid"], first["count"] + 1)
    assert first["function_name"] == "probe"
    assert first["arn"] == probe
    assert first["request_id"] != second["request_id"]
    assert 0 < first["remaining"] <= 20_000


def test_environment_is_the_functions_and_not_this_machines(cloud: Cloud, probe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "bank-production")
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    create(cloud, "fresh", {"probe.py": CODE}, Handler="probe.handler", Environment={"Variables": {"TABLE": "audit"}})

    environment = invoke(cloud, "fresh", {})[0]["environment"]

    assert environment["TABLE"] == "audit"
    assert environment["AWS_REGION"] == REGION
    assert environment["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert invoke(cloud, probe, {})[0]["environment"]["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert "AWS_PROFILE" not in environment
    assert "SECRET_OF_THE_HOST" not in environment


def test_workers_get_the_rehearsals_certificate_authority(cloud: Cloud) -> None:
    (cloud.directory / "rds-ca.pem").write_text("a certificate")
    variables = {"Variables": {"DATABASE_CA_BUNDLE": "/var/task/global-bundle.pem"}}
    create(cloud, "certified", {"probe.py": CODE}, Handler="probe.handler", Environment=variables)

    assert invoke(cloud, "certified", {})[0]["environment"]["DATABASE_CA_BUNDLE"] == str(cloud.directory / "rds-ca.pem")


def test_worker_calls_this_cloud_and_lives_in_its_time(cloud: Cloud, probe: str) -> None:
    cloud.client("dynamodb", REGION).create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert invoke(cloud, probe, {"do": "tables"})[0] == ["audit"]

    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=3))
    told = datetime.fromisoformat(invoke(cloud, probe, {})[0]["now"])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=30)


def test_database_token_is_the_rehearsals(cloud: Cloud, probe: str) -> None:
    assert invoke(cloud, probe, {"do": "token"})[0] == cloud.database_token


def test_exception_is_an_unhandled_function_error(cloud: Cloud, probe: str) -> None:
    answer, error, log = invoke(cloud, probe, {"do": "raise"})

    assert error == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("RowsDiffer", "3 rows differ")
    assert "handler" in answer["stackTrace"][0]
    assert "[ERROR] RowsDiffer: 3 rows differ" in log


@pytest.mark.parametrize(
    ("event", "kind", "text"),
    [
        ({"do": "exit"}, "Runtime.ExitError", "exited"),
        ({"do": "set"}, "Runtime.MarshalError", "not JSON serializable"),
        ({"do": "import", "module": "pymysql"}, "ModuleNotFoundError", "pymysql"),
        ({"do": "import", "module": "aws_cdk"}, "ModuleNotFoundError", "aws_cdk"),
    ],
)
def test_what_fails_on_lambda_fails_here(cloud: Cloud, probe: str, event: Any, kind: str, text: str) -> None:
    answer, error, _ = invoke(cloud, probe, event)
    assert error == "Unhandled"
    assert answer["errorType"] == kind
    assert text in answer["errorMessage"]
    assert invoke(cloud, probe, {})[1] is None, "the next invocation finds a sound worker"


def test_a_function_that_hangs_is_killed_at_its_timeout(cloud: Cloud) -> None:
    create(cloud, "hanging", {"probe.py": CODE}, Handler="probe.handler", Timeout=1)
    answer, error, _ = invoke(cloud, "hanging", {"do": "hang"})
    assert error == "Unhandled"
    assert answer["errorType"] == "Sandbox.Timedout"
    assert "timed out after 1.00 seconds" in answer["errorMessage"]


@pytest.mark.parametrize(
    ("handler", "kind"),
    [("probe.nothing", "Runtime.HandlerNotFound"), ("missing.handler", "Runtime.ImportModuleError")],
)
def test_handler_that_cannot_be_loaded(cloud: Cloud, handler: str, kind: str) -> None:
    name = handler.replace(".", "-")
    create(cloud, name, {"probe.py": CODE}, Handler=handler)
    answer, error, _ = invoke(cloud, name, {})
    assert (error, answer["errorType"]) == ("Unhandled", kind)


def test_new_code_is_used_at_once(cloud: Cloud) -> None:
    create(cloud, "changing", {"probe.py": "def handler(event, context): return 1"}, Handler="probe.handler")
    assert invoke(cloud, "changing", {})[0] == 1
    code = zipped({"probe.py": "def handler(event, context): return 2"})
    cloud.client("lambda", REGION).update_function_code(FunctionName="changing", ZipFile=code)
    assert invoke(cloud, "changing", {})[0] == 2


def test_unknown_function_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        invoke(cloud, "nobody", {})


def test_hooks_see_an_invocation_before_it_runs(cloud: Cloud, probe: str) -> None:
    seen = []
    cloud.before_invoke.append(lambda *notice: seen.append(notice))
    try:
        invoke(cloud, probe, {"table": "accounts"})
    finally:
        cloud.before_invoke.clear()
    assert seen == [(REGION, "probe", {"table": "accounts"})]


def test_an_event_returns_at_once_and_is_tried_three_times(cloud: Cloud) -> None:
    create(cloud, "failing", {"probe.py": CODE}, Handler="probe.handler")
    seen = []
    cloud.before_invoke.append(lambda _region, name, _event: seen.append((name, datetime.now(UTC))))
    try:
        response = cloud.client("lambda", REGION).invoke(
            FunctionName="failing", InvocationType="Event", Payload=b'{"do": "raise"}'
        )
        assert response["StatusCode"] == 202
        assert eventually(lambda: len(seen) == 3)
    finally:
        cloud.before_invoke.clear()
    pauses = [later[1] - earlier[1] for earlier, later in itertools.pairwise(seen)]
    assert pauses[0] >= timedelta(minutes=1)
    assert pauses[1] >= timedelta(minutes=2)


WHEEL = "Root-Is-Purelib: false\nTag: cp311-abi3-manylinux2014_{machine}\n"


@pytest.mark.parametrize(("version", "runs"), [(cryptography.__version__, True), ("1.2.3", False)])
def test_a_library_compiled_for_another_platform_is_this_machine_s_of_the_same_version(
    cloud: Cloud, version: str, *, runs: bool
) -> None:
    name, machine = f"compiled-{version}", "x86_64" if platform.machine() == "aarch64" else "aarch64"
    files = {
        "app.py": "import cryptography\ndef handler(event, context):\n    return cryptography.__file__\n",
        "cryptography/__init__.py": "raise OSError('it is compiled for another platform')\n",
        f"cryptography-{version}.dist-info/WHEEL": WHEEL.format(machine=machine),
    }
    create(cloud, name.replace(".", "-"), files, Handler="app.handler")
    answer, failed, _ = invoke(cloud, name.replace(".", "-"), {})
    if runs:
        assert (answer, failed) == (cryptography.__file__, None)
    else:
        assert (answer["errorType"], bool(failed)) == ("Runtime.ImportModuleError", True)
        assert "cryptography 1.2.3 is compiled for another platform" in answer["errorMessage"]


def test_a_function_that_brings_a_library_of_the_runtime_has_its_own(cloud: Cloud) -> None:
    code = "import jmespath\n\n\ndef handler(event, context):\n    return jmespath.mine\n"
    create(cloud, "own-library", {"probe.py": code, "jmespath/__init__.py": "mine = 1"}, Handler="probe.handler")
    create(cloud, "the-runtimes", {"probe.py": code}, Handler="probe.handler")

    assert invoke(cloud, "own-library", {})[0] == 1
    assert "no attribute 'mine'" in invoke(cloud, "the-runtimes", {})[0]["errorMessage"]


def test_workers_share_what_was_imported_and_nothing_else(cloud: Cloud) -> None:
    code = (
        "import os, random\n\n\ndef handler(event, context):\n"
        "    return [random.random(), os.getppid(), os.getcwd(), len(os.listdir('/proc/self/fd'))]\n"
    )
    for name in ("first", "second"):
        create(cloud, name, {"probe.py": code, f"{name}.txt": ""}, Handler="probe.handler")

    (first, second) = (invoke(cloud, name, {})[0] for name in ("first", "second"))

    assert first[0] != second[0]  # each with a seed of its own
    assert first[1] == second[1] != os.getpid()
    assert first[2] != second[2]
    assert second[3] == first[3]  # no open file of another worker


def test_the_worker_that_waits_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("aws_rehearsal.functions.runtime"), "IDLE", 2)
    code = "import os\n\n\ndef handler(event, context):\n    return os.getpid()\n"
    names = ["first", "second", "third"]
    with Cloud(directory=tmp_path / "cloud") as other:
        trust(other)
        for name in names:
            create(other, name, {"probe.py": code}, Handler="probe.handler")
        first, second, third = (invoke(other, name, {})[0] for name in names)
        assert not psutil.pid_exists(first), "the one that waited longest has ended"
        assert [invoke(other, name, {})[0] for name in names[1:]] == [second, third], "the others are warm"
        assert invoke(other, "first", {})[0] != first
        assert not psutil.pid_exists(second)
        assert invoke(other, "third", {})[0] == third


def test_nothing_of_it_runs_when_the_cloud_has_stopped(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path / "cloud") as other:
        trust(other)
        create(other, "probe", {"probe.py": CODE}, Handler="probe.handler")
        worker = psutil.Process(invoke(other, "probe", {})[0]["pid"])
        server = worker.parent()
        assert server is not None
    assert not worker.is_running()
    assert not server.is_running()
