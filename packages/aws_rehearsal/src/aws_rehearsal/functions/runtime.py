"""Running functions: which worker serves which function, and what an invocation answers."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import threading
import uuid
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from aws_rehearsal.cloud import Cloud
from aws_rehearsal.functions.fork_server import ForkServer
from aws_rehearsal.functions.worker import Worker, WorkerError
from aws_rehearsal.metrics import embedded
from aws_rehearsal.rds.dataplane import authority_path

PATIENCE = 10
"""A function is ended after so many times its timeout in real time: a loaded machine is slow, and no function hangs for that."""
CONCURRENCY = 4
"""Workers of one function at a time. Lambda would start more; here the next invocation waits."""

IDLE = 16
"""Workers that wait for work, of all functions together: the one that waits longest makes room, and starts anew when it is
needed. Lambda ends idle environments too, after minutes; each is 26 MiB here.
"""


@dataclass(frozen=True)
class Invocation:
    """What an invocation came to. `payload` is JSON text, the error's when `failed`."""

    payload: bytes
    failed: bool
    log: bytes


@dataclass
class Pool:
    """The workers of one function: one code, one configuration (`version`); a change of either retires them."""

    version: str
    slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(CONCURRENCY))
    idle: dict[Worker, int] = field(default_factory=dict)
    """With the number of the turn since which each waits; the newest last."""
    started: int = 0
    retired: bool = False


class Runtime:
    """The functions' execution environments, by region. Thread-safe."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._unzipping = threading.Lock()
        self._pools: dict[str, dict[str, Pool]] = defaultdict(dict)
        self._workers: dict[str, set[Worker]] = defaultdict(set)
        self._lost: set[str] = set()
        self._turns = itertools.count()
        self._server = ForkServer()

    def invoke(self, function: Any, event: Any) -> Invocation:
        """Run moto's `LambdaFunction` with `event`, waiting for its answer. A failure is an answer, never an exception."""
        for notice in list(self._cloud.before_invoke):
            notice(function.region, function.function_name, event)
        request_id = str(uuid.uuid4())
        pool = self._pool(function)
        with pool.slots:
            try:
                worker = self._take(pool, function)
            except WorkerError as error:
                return _failed("Runtime.ExitError", f"RequestId: {request_id} Error: {error}", b"")
            invocation = self._run(pool, worker, function, event, request_id)
        self._measured(function, invocation)
        return invocation

    def lose(self, region: str) -> None:
        """Kill the region's workers; whoever waits for one gets an error."""
        with self._lock:
            self._lost.add(region)
            idle: list[Worker] = []
            for pool in self._pools.pop(region, {}).values():
                pool.retired = True
                idle += pool.idle
            working = self._workers.pop(region, set()).difference(idle)
        for worker in idle:
            worker.close()
        for worker in working:
            worker.kill()

    def close(self) -> None:
        for region in [*self._pools, *self._workers]:
            self.lose(region)
        self._server.close()

    # ------------------------------------------------------------------ machinery
    def _measured(self, function: Any, invocation: Invocation) -> None:
        """Lambda's own metrics of an invocation, and those that its log holds."""
        if function.region in self._lost or self._cloud.clock.stopped:
            return
        named = [{"Name": "FunctionName", "Value": function.function_name}]
        own = {"Invocations": 1.0, "Errors": float(invocation.failed)}
        found = [("AWS/Lambda", {"MetricName": name, "Dimensions": named, "Value": value}) for name, value in own.items()]
        backend = cloudwatch_backends[function.account_id][function.region]
        for namespace, datum in [*found, *embedded.data(invocation.log)]:
            backend.put_metric_data(namespace, [datum])

    def _run(self, pool: Pool, worker: Worker, function: Any, event: Any, request_id: str) -> Invocation:
        start = worker.position
        if worker.failure:
            self._discard(function.region, worker)
            return _failed(worker.failure["errorType"], worker.failure["errorMessage"], worker.logged(0), **worker.failure)
        seconds = float(function.timeout)
        request = {"event": event, "now": self._cloud.clock.now().timestamp(), "request_id": request_id, "seconds": seconds}
        try:
            answer = worker.call(request, seconds=seconds * PATIENCE)
        except WorkerError as error:
            self._discard(function.region, worker)
            if str(error) == "timeout":
                text = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
                return _failed("Sandbox.Timedout", text, worker.logged(start))
            return _failed("Runtime.ExitError", f"RequestId: {request_id} Error: {error}", worker.logged(start))
        self._give_back(pool, worker, function.region)
        log = worker.logged(start)
        if "error" in answer:
            return Invocation(json.dumps(answer["error"]).encode(), failed=True, log=log)
        return Invocation(json.dumps(answer["result"]).encode(), failed=False, log=log)

    def _pool(self, function: Any) -> Pool:
        settings = [function.code_sha_256, function.handler, function.environment_vars, function.memory_size]
        version = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
        retired: list[Worker] = []
        with self._lock:
            pools = self._pools[function.region]
            pool = pools.get(function.function_arn)
            if pool is None or pool.version != version:
                if pool is not None:
                    pool.retired = True
                    retired, pool.idle = list(pool.idle), {}
                pool = pools[function.function_arn] = Pool(version)
        for worker in retired:
            self._discard(function.region, worker)
        return pool

    def _take(self, pool: Pool, function: Any) -> Worker:
        with self._lock:
            if pool.idle:
                return pool.idle.popitem()[0]
            pool.started += 1
            number = pool.started
        code = self._unzip(function)
        stream = f"{pool.version[:8]}-{number}"
        log = self._cloud.region_directory(function.region, "lambda", function.function_name, "logs") / f"{stream}.log"
        worker = Worker(self._server, environment=self._environment(function, stream), code=code, log=log)
        with self._lock:
            if function.region not in self._lost:
                self._workers[function.region].add(worker)
                return worker
        worker.close()
        raise WorkerError(f"{function.region} is gone")

    def _give_back(self, pool: Pool, worker: Worker, region: str) -> None:
        too_many: tuple[str, Worker] | None = (region, worker)
        with self._lock:
            if not pool.retired:
                pool.idle[worker] = next(self._turns)
                too_many = self._longest_idle()
        if too_many is not None:
            self._discard(*too_many)

    def _longest_idle(self) -> tuple[str, Worker] | None:
        """Region and worker, which is then no longer in its pool; None while there are not too many."""
        pools = [(region, pool) for region, each in self._pools.items() for pool in each.values() if pool.idle]
        if sum(len(pool.idle) for _, pool in pools) <= IDLE:
            return None
        region, pool = min(pools, key=lambda found: next(iter(found[1].idle.values())))
        worker = next(iter(pool.idle))
        del pool.idle[worker]
        return region, worker

    def _discard(self, region: str, worker: Worker) -> None:
        with self._lock:
            self._workers[region].discard(worker)
        worker.close()

    def _unzip(self, function: Any) -> Path:
        """One folder for all functions of the same code, so that Python compiles it once; nothing writes into it."""
        folder = str(function.code_sha_256).replace("/", "_")[:16]
        target = self._cloud.region_directory(function.region, "lambda", "code") / folder
        with self._unzipping:
            if not target.exists():
                with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                    archive.extractall(target)
        return target

    def _environment(self, function: Any, stream: str) -> dict[str, str]:
        """The function's variables and Lambda's; nothing of this machine's but PATH, and no AWS profile of its user."""
        variables = {str(name): str(value) for name, value in (function.environment_vars or {}).items()}
        credentials = self._cloud.keys.issue(function.function_name, session=True, home=function.region)
        authority = authority_path(self._cloud.directory)
        if authority.exists():  # written with the first database; the CA of the rehearsal's MariaDB servers, not of RDS
            variables["DATABASE_CA_BUNDLE"] = str(authority)
        if self._cloud.web is not None:  # plain HTTP to anywhere but the gateway
            variables |= {"http_proxy": self._cloud.web.address(function.function_name), "no_proxy": "localhost,127.0.0.1"}
        return variables | {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONUNBUFFERED": "1",
            "_HANDLER": function.handler,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            **credentials.environment(),  # the function's own: no other caller's can be worked out from them
            "AWS_ENDPOINT_URL": self._cloud.endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "REHEARSAL_FUNCTION_ARN": function.function_arn,
            "REHEARSAL_DATABASE_TOKEN": self._cloud.database_token,
            "REHEARSAL_NOW": str(self._cloud.clock.now().timestamp()),
        }


def _failed(kind: str, message: str, log: bytes, **more: Any) -> Invocation:
    payload = more | {"errorType": kind, "errorMessage": message}
    return Invocation(json.dumps(payload).encode(), failed=True, log=log)
