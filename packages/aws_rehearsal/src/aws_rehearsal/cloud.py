"""Starting, stopping and breaking the embedded AWS."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3
import time_machine
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto.core.config import default_user_config
from moto.moto_api._internal import moto_api_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from aws_rehearsal import folders, patches, transport
from aws_rehearsal.beanstalk.environment import ApplicationServer, Environment
from aws_rehearsal.clock import Clock
from aws_rehearsal.credentials import Credentials, Keys
from aws_rehearsal.dispatch import Dispatcher
from aws_rehearsal.faults import Faults
from aws_rehearsal.gateway import Gateway
from aws_rehearsal.iam.guard import Guard
from aws_rehearsal.service import Service
from aws_rehearsal.signature import Verifier

if TYPE_CHECKING:
    from aws_rehearsal.web import Proxy

ACCOUNT = "123456789012"
PARTS: tuple[str, ...] = (
    "context",
    "workflows",
    "functions",
    "backup",
    "metrics",
    "cloudformation",
    "rds",
    "s3",
    "events",
    "region",
    "beanstalk",
    "web",
)
"""Packages of `aws_rehearsal` that have an `install(cloud)`."""
FIRST_LOOKS = (
    ("iam", "list_roles"),
    ("ec2", "describe_vpcs"),
    ("lambda", "list_functions"),
    ("logs", "describe_log_groups"),
    ("s3", "list_buckets"),
    ("kms", "list_aliases"),
    ("rds", "describe_db_instances"),
    ("dynamodb", "list_tables"),
    ("events", "list_rules"),
    ("cloudwatch", "list_metrics"),
    ("stepfunctions", "list_state_machines"),
    ("sns", "list_topics"),
    ("sqs", "list_queues"),
    ("secretsmanager", "list_secrets"),
    ("elbv2", "describe_load_balancers"),
    ("backup", "list_backup_vaults"),
    ("route53", "list_hosted_zones"),
    ("ecr", "describe_repositories"),
)
"""Calls that change nothing: the first of a service imports it."""
STOP_SECONDS = 0.05
"""How soon the server notices that it is to stop."""
START = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
"""A Monday, ninety minutes before the first scheduled backup: the same day for everyone, so runs can be compared."""


class Cloud:
    """One embedded AWS. `directory` receives everything it stores, by region, and only this user may enter it.

    It is emptied at start, if an earlier cloud made it: a folder that holds anything else, and a link, are refused.
    """

    def __init__(self, *, directory: Path, start: datetime = START, port: int = 0) -> None:
        self.directory = folders.plain(directory)
        self.port = port
        self.clock = Clock(start)
        self.keys = Keys()
        self.services: dict[str, Service] = {}
        self.region_lost: list[Callable[[str], None]] = []
        """Called with the region's name when it is lost: kill its servers, delete its files."""
        self.region_darkened: list[Callable[[str], None]] = []
        """Called with the region's name when it is cut off: what runs there stops, and nothing is deleted."""
        self.region_lit: list[Callable[[str], None]] = []
        """Called when it is back: what stopped starts again."""
        self.regions_parted: list[Callable[[], None]] = []
        """Called when nothing replicates between the regions any more: bring what is on its way to its end, then stop."""
        self.before_invoke: list[Callable[[str, str, Any], None]] = []
        """Called with region, function and event before a Lambda function runs. Faults are made of these."""
        self.application_servers: dict[str, ApplicationServer] = {}
        """What runs in an Elastic Beanstalk environment, by its name; put here before the environment is created."""
        self.health_checks: dict[str, dict[str, Any]] = {}
        """Route 53's, by id: the deployed configuration, and the alarm's as it was when the check was made. moto drops both."""
        self.web: Proxy | None = None
        """The way of a function to what is outside AWS's API."""
        self.each_minute = False
        """Whether rules that run each minute are planned when they are put; see `aws_rehearsal.events.scheduled_rules`."""
        self.monitored = False
        """Whether the monitor's rules are planned when they are put, and alarms that are put judge silence."""
        self.database_quota = 40
        """DB instances that each region may have, as RDS grants a new account. Faults lower it."""
        self.faults = Faults(self, ACCOUNT)
        """Brings any status of AWS's resources about: see `aws_rehearsal.faults`."""
        self.closing: list[Callable[[], None]] = []
        """Called when the cloud stops, last registered first: nothing may be left running."""
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._clients: dict[tuple[str, str, str, str], Any] = {}
        self._connecting = threading.Lock()  # boto3's default session must not make two clients at once

    # ------------------------------------------------------------------ life
    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Raises OSError when the port is taken, and ForeignFolder when the directory may not be emptied."""
        folders.empty(self.directory)
        self._server = self._listen()
        self.port = self._server.server_port
        self._set_moto()
        patches.apply()
        self._compose()
        self.clock.start()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(STOP_SECONDS,), name="embedded-aws", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Nothing answers first, then time stops, then everything that was started is ended. Safe to call twice."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(timeout=5)
        if self._server is not None:
            self._server.server_close()
            self._server = None
        self.clock.stop()
        while self.closing:
            self.closing.pop()()
        patches.undo()

    # ------------------------------------------------------------------ use
    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port}"

    def client(self, service: str, region: str, *, mark: str = "", caller: str = "rehearsal") -> Any:
        """A boto3 client of this cloud, made once per service, region, mark and caller, with the caller's credentials.

        `caller` is the access key id. `mark` tells the gateway what kind of caller: `gateway.INHABITANT`, `gateway.ESCORTED`, or
        none in particular.
        """
        key = (service, region, mark, caller)
        with self._connecting:
            if key not in self._clients:
                connect: Any = boto3.client  # the stubs know service names only as literals
                credentials = self.keys.issue(caller)
                self._clients[key] = client = connect(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint,
                    aws_access_key_id=credentials.access_key_id,
                    aws_secret_access_key=credentials.secret_access_key,
                    # A function may run for 15 minutes before it answers.
                    config=Config(
                        retries={"total_max_attempts": 1},
                        max_pool_connections=32,
                        read_timeout=960,
                        # Given, as botocore composes its own anew for each request.
                        user_agent="aws-rehearsal",
                        user_agent_extra=mark,
                        # Else it would presign URLs for S3 with Version 2, which no bucket made since June 2020 takes.
                        signature_version="s3v4" if service == "s3" else None,
                    ),
                )
                client.meta.events.register("before-send", self._answer)
        return self._clients[key]

    def credentials(self, caller: str) -> Credentials:
        """For a program of its own that calls this cloud under that name, by the machine's clock or by the virtual one.

        Whoever has them is that caller: hand them over in an environment, or in a file (`Credentials.write`).
        """
        return self.keys.issue(caller, real=True)

    @property
    def database_token(self) -> str:
        """The password of a database user that AWS would let in by IAM: what functions get from `generate_db_auth_token`."""
        return self.keys.derived("database", "iam")

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """None when the cloud has stopped: the client then finds nobody at the port."""
        return transport.send(self.gateway.inside, request, port=self.port) if self._server is not None else None

    def warm(self, *regions: str) -> None:
        """Import and connect what every deployment needs, before it is asked for: seconds, while something else is waited for."""
        for region in regions:
            for service, look in FIRST_LOOKS:
                getattr(self.client(service, region), look)()

    def region_directory(self, region: str, *parts: str) -> Path:
        """Where a region's data lies. Losing the region deletes it, so nothing of another region may lie here."""
        path = self.directory.joinpath(region, *parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def part_regions(self) -> None:
        """Replication between the regions ends: what was written before this call has arrived, and nothing after it does."""
        for end in self.regions_parted:
            end()

    def darken_region(self, region: str) -> None:
        """As `lose_region`, seen from outside; but its data is there when it comes back."""
        self.gateway.lost_regions.add(region)
        for stop in self.region_darkened:
            stop(region)

    def light_region(self, region: str) -> None:
        """It is back, as it was."""
        for start in self.region_lit:
            start(region)
        self.gateway.lost_regions.discard(region)

    def lose_region(self, region: str) -> None:
        """From now on every call signed for the region fails; its servers are killed and its files deleted."""
        self.gateway.lost_regions.add(region)
        for destroy in self.region_lost:
            destroy(region)
        shutil.rmtree(self.directory / region, ignore_errors=True)

    def environments(self, region: str) -> list[Environment]:
        """Elastic Beanstalk's, of a region."""
        beanstalk: Any = self.services["elasticbeanstalk"]
        found: list[Environment] = beanstalk.there(region)
        return found

    # ------------------------------------------------------------------ machinery
    def _set_moto(self) -> None:
        """Of this process, until the cloud stops."""
        variables = {
            "MOTO_PORT": str(self.port),  # moto's Step Functions tasks call http://localhost:$MOTO_PORT
            "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # hundreds of images in each region, which nothing here starts
        }
        options: dict[str, Any] = {
            "stepfunctions": {"execute_state_machine": True},
            "lambda": {"use_docker": False},
            "iam": {"load_aws_managed_policies": True},
        }
        config: Any = default_user_config
        for settings, wanted in ((os.environ, variables), (config, options)):
            before = {name: settings[name] for name in wanted if name in settings}
            settings.update(wanted)
            self.closing.append(partial(_set_back, settings, wanted, before))

    def _listen(self) -> BaseWSGIServer:
        self.gateway = Gateway(Dispatcher(create_backend_app), self.services, Verifier(self.keys, self.clock.now))
        self.clock.idle_seconds = self.gateway.idle_seconds
        with socket.socket() as probe:  # werkzeug exits the process when the port is taken: ask first, and raise
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", self.port))
        return make_server("127.0.0.1", self.port, self.gateway, threaded=True, request_handler=_RequestHandler)

    def _compose(self) -> None:
        """Wire our own services and moto's backends to this cloud: each part's `install(cloud)`, in this order."""
        moto_api_backend.reset()
        for part in PARTS:
            importlib.import_module(f"aws_rehearsal.{part}").install(self)
        self.guard = self.gateway.guard = Guard(self, ACCOUNT)
        """Judges every call by the policies of its caller; what it decided is counted."""


def _set_back(settings: MutableMapping[str, Any], wanted: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    for name in wanted:
        settings.pop(name, None)
    settings.update(before)


class _RequestHandler(MotoRequestHandler):
    def date_time_string(self, timestamp: float | None = None) -> str:
        """The real time: the JavaScript SDK retries for clock skew when this header is virtual."""
        hatch = time_machine.escape_hatch
        real = hatch.time.time() if hatch.is_travelling() else time.time()  # the last answers leave after the clock stopped
        return str(super().date_time_string(timestamp or real))

    def log_request(self, *args: Any, **kwargs: Any) -> None:
        """Silent: the gateway counts."""
