"""Custom resources: the Lambda function named by `ServiceToken` is invoked, and answers by PUT to a URL of ours."""

from __future__ import annotations

import json
import queue
import secrets
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.exceptions import ClientError

from aws_rehearsal.cloudformation.errors import ResourceFailed
from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties

ANSWER_SECONDS = 300.0
"""Real seconds an answer may still take after the function has returned. AWS waits an hour; a rehearsal must not."""


class Answers:
    """A small HTTP server on loopback that takes the answers; started with the first custom resource."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, queue.Queue[dict[str, Any]]] = {}
        self._server: ThreadingHTTPServer | None = None

    def expect(self) -> tuple[str, queue.Queue[dict[str, Any]]]:
        """A URL nobody can guess, and the queue its answer arrives in."""
        with self._lock:
            if self._server is None:
                self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
                self._server.daemon_threads = True
                threading.Thread(target=self._server.serve_forever, name="custom-resources", daemon=True).start()
            path = f"/{secrets.token_urlsafe(16)}"
            self._waiting[path] = queue.Queue()
            return f"http://localhost:{self._server.server_port}{path}", self._waiting[path]

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        waiting = self._waiting

        class Door(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                expected = waiting.pop(self.path.partition("?")[0], None)
                if expected is not None:
                    expected.put(_parsed(body))
                self.send_response(200 if expected is not None else 403)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Silent: the function has its own log."""

        return Door


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"Status": "FAILED", "Reason": f"the answer is not JSON: {body[:200]!r}"}


class CustomResource(Handler):
    """One type for all of `Custom::*` and `AWS::CloudFormation::CustomResource`."""

    def __init__(self, name: str, answers: Answers) -> None:
        self.name = name
        self.answers = answers

    def create(self, context: Context, properties: Properties) -> Physical:
        return self._ask(context, "Create", properties, {})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        """May come back with another physical id: that is a replacement, and the engine deletes the old one afterwards."""
        return self._ask(context, "Update", new, {"PhysicalResourceId": physical.id, "OldResourceProperties": _wire(old)})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        self._ask(context, "Delete", properties, {"PhysicalResourceId": physical.id})

    def _ask(self, context: Context, request_type: str, properties: Properties, extra: dict[str, Any]) -> Physical:
        token = str(properties["ServiceToken"])
        if ":lambda:" not in token:
            raise ResourceFailed(f"{self.name}: the embedded AWS invokes functions only, and ServiceToken is {token}")
        url, answers = self.answers.expect()
        request = {
            "RequestType": request_type,
            "ResponseURL": url,
            "StackId": context.stack_id,
            "RequestId": str(uuid.uuid4()),
            "ResourceType": self.name,
            "LogicalResourceId": context.logical_id,
            "ResourceProperties": _wire(properties),
            **extra,
        }
        self._invoke(context, token, request)
        try:
            answer = answers.get(timeout=ANSWER_SECONDS)
        except queue.Empty:
            raise ResourceFailed(f"{self.name}: no answer to {request_type} from {token} in {ANSWER_SECONDS:.0f} s") from None
        if answer.get("Status") != "SUCCESS":
            raise ResourceFailed(
                f"Received response status [FAILED] from custom resource. Message returned: {answer.get('Reason')}"
            )
        physical_id = answer.get("PhysicalResourceId") or extra.get("PhysicalResourceId") or str(uuid.uuid4())
        return Physical(str(physical_id), dict(answer.get("Data") or {}))

    def _invoke(self, context: Context, token: str, request: dict[str, Any]) -> None:
        region = token.split(":")[3]
        try:
            result = context.client("lambda", region).invoke(FunctionName=token, Payload=json.dumps(request))
        except ClientError as error:
            raise ResourceFailed(f"{self.name}: {token} could not be invoked: {error}") from error
        if "FunctionError" in result:
            raise ResourceFailed(f"{self.name}: {token} failed: {result['Payload'].read().decode(errors='replace')[:1000]}")


def _wire(properties: Properties) -> Any:
    """Every scalar is text on its way to a custom resource, as in AWS."""

    def text(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: text(item) for key, item in value.items()}
        if isinstance(value, list):
            return [text(item) for item in value]
        return str(value).lower() if isinstance(value, bool) else str(value)

    return {name: text(properties[name]) for name in properties}
