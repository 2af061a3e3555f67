"""What tests of the embedded RDS share: making instances, waiting for them, talking SQL to them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_rehearsal.rds import authority_path

HERE, THERE = "ap-southeast-1", "ap-southeast-2"
PASSWORD = "first-password"
MINUTE = timedelta(minutes=1)


def until(cloud: Cloud, region: str, name: str, status: str = "available") -> dict[str, Any]:
    deadline = time.perf_counter() + 300
    while time.perf_counter() < deadline:
        cloud.clock.raise_errors()
        found: dict[str, Any] = cloud.client("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        if found["DBInstanceStatus"] == status:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{name} is {found['DBInstanceStatus']}, not {status}")


def snapshot_ready(cloud: Cloud, region: str, name: str) -> dict[str, Any]:
    deadline = time.perf_counter() + 300
    while time.perf_counter() < deadline:
        found: dict[str, Any] = cloud.client("rds", region).describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
        if found["Status"] == "available":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{name} is {found['Status']}")


def create(cloud: Cloud, name: str = "bank", **settings: Any) -> dict[str, Any]:
    defaults = {"Engine": "mysql", "EngineVersion": "8.0.43", "DBInstanceClass": "db.t4g.small", "AllocatedStorage": 20}
    defaults |= {"MasterUsername": "admin", "MasterUserPassword": PASSWORD, "BackupRetentionPeriod": 7}
    cloud.client("rds", HERE).create_db_instance(DBInstanceIdentifier=name, **(defaults | settings))
    return until(cloud, HERE, name)


def sql(cloud: Cloud, database: dict[str, Any], *statements: str, password: str = PASSWORD) -> tuple[Any, ...]:
    """Run statements as the master user, over verified TLS; the last one's rows."""
    endpoint = database["Endpoint"]
    with (
        contextlib.closing(
            pymysql.connect(
                host=endpoint["Address"],
                port=endpoint["Port"],
                user="admin",
                password=password,
                autocommit=True,
                ssl_ca=str(authority_path(cloud.directory)),
                ssl_verify_identity=True,
            )
        ) as connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)
        return tuple(cursor.fetchall())


def load(cloud: Cloud, database: dict[str, Any]) -> None:
    sql(cloud, database, "CREATE DATABASE bank", "CREATE TABLE bank.t (id INT PRIMARY KEY AUTO_INCREMENT, x INT)")
    sql(cloud, database, "INSERT INTO bank.t (x) VALUES (1), (2), (3)")


def count(cloud: Cloud, database: dict[str, Any], password: str = PASSWORD) -> int:
    return int(sql(cloud, database, "SELECT COUNT(*) FROM bank.t", password=password)[0][0])


def refused(code: str, call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value)


def pass_time(cloud: Cloud, duration: timedelta) -> None:
    cloud.clock.advance_to(cloud.clock.now() + duration)
