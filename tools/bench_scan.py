"""The hashing path of a DynamoDB table against a plain scan that only counts: `make bench ONLY=verify`.

Both read the same pages of a megabyte, as DynamoDB sends them, from a process of their own on the loopback, so that what is
measured is this side alone. In processor seconds of one core: a busy machine does not change them, and the network is AWS's.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from typing import Any

import boto3

from aws_rehearsal import HOST
from recovery.verify import dynamodb

ITEMS = int(os.environ.get("ITEMS", "200000"))
TABLE = "audit"
_DESCRIBED = {
    "Table": {
        "TableName": TABLE,
        "KeySchema": [{"AttributeName": "client", "KeyType": "HASH"}, {"AttributeName": "moment", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("client", "moment")],
    }
}


def figures() -> dict[str, float]:
    with _served() as client:
        hashing = _seconds(lambda: dynamodb.measure(client, TABLE)[1].rows)
        counting = _seconds(lambda: _count(client))
    return {
        "verify.dynamodb_items": ITEMS,
        "verify.dynamodb_items_per_core_second": ITEMS / hashing,
        "verify.dynamodb_vs_counting_scan": counting / hashing,
    }


def _seconds(act: Callable[[], int]) -> float:
    began = time.process_time()
    assert act() == ITEMS  # noqa: S101
    return time.process_time() - began


def _count(client: Any) -> int:
    pages = client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    return sum(len(page["Items"]) for page in pages)


def _item(number: int) -> dict[str, Any]:
    return {
        "client": {"S": f"CLT-{number * 7919 % 100_000:08d}-4000-8000"},
        "moment": {"S": f"2026-11-02T00:{number // 60 % 60:02d}:{number % 60:02d}.{number % 10**6:06d}Z"},
        "agent": {"S": str(number % 50)},
        "action": {"S": ("CREATE", "READ", "UPDATE", "DELETE")[number % 4]},
        "attribute": {"S": "address"},
        "before": {"S": f"{number} Orchard Road, Singapore"},
        "after": {"S": f"{number + 1} Orchard Road, Singapore"},
        "expires": {"N": str(1_790_000_000 + number)},
    }


def _serve(port_to: Connection) -> None:
    size = len(json.dumps(_item(ITEMS)))
    per_page = 2**20 // size
    pages = [range(first, min(first + per_page, ITEMS)) for first in range(0, ITEMS, per_page)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            body = json.dumps(self._answer(operation, asked)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
            if operation == "DescribeTable":
                return _DESCRIBED
            if operation == "DescribeTimeToLive":
                return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
            number = int(asked.get("ExclusiveStartKey", {"client": {"S": "0"}})["client"]["S"])
            more = {"LastEvaluatedKey": {"client": {"S": str(number + 1)}}} if number + 1 < len(pages) else {}
            return {"Items": list(map(_item, pages[number])), "Count": len(pages[number]), **more}

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer((HOST, 0), Handler)
    port_to.send(server.server_port)
    server.serve_forever()


@contextmanager
def _served() -> Iterator[Any]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield boto3.client(
            "dynamodb",
            endpoint_url=f"http://{HOST}:{here.recv()}",
            region_name="ap-southeast-2",
            aws_access_key_id="bench",
            aws_secret_access_key="bench",  # noqa: S106 - of a process that lives for this run, on the loopback
        )
    finally:
        process.terminate()
        process.join()
