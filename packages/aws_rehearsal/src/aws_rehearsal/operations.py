"""What a request asks for, by the name of AWS's API: `StartRestoreJob`, and not `PUT /restore-jobs`."""

from __future__ import annotations

import functools
import io
import re
from typing import Any
from urllib.parse import quote

import boto3
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException
from werkzeug.test import create_environ

_RPC = re.compile(r"/operation/(\w+)$")
"""Of the newest protocol, which CloudWatch speaks."""
_SIGNED_FOR = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
}
"""Services whose requests are signed with another name than their model's."""
_SELECTING = "HTTP_X_AMZ_COPY_SOURCE"
"""The one header by which S3 tells two operations apart."""


def operation(environ: dict[str, Any], service: str) -> str:
    """The operation's name; method and path where no service model knows it."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return str(target).rsplit(".", 1)[-1]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        match = re.search(rb"(?:^|&)Action=(\w+)", body)
        return match[1].decode() if match else "POST"
    path, query = environ.get("PATH_INFO", "/"), environ.get("QUERY_STRING", "")
    if protocol(service) in {"query", "ec2"} and (action := re.search(r"(?:^|&)Action=(\w+)", query)):
        return str(action[1])
    return _of_path(service, environ["REQUEST_METHOD"], path, query, _SELECTING in environ)


@functools.cache
def services() -> frozenset[str]:
    """Names of all services that have a model."""
    return frozenset(boto3.Session().get_available_services())


def model_name(signed_for: str) -> str:
    """The name of the service's model, which is not always the one that its requests are signed with."""
    return _SIGNED_FOR.get(signed_for, signed_for)


@functools.cache
def protocol(signed_for: str) -> str:
    """How its callers read answers; `json` of a service that no model knows."""
    name = model_name(signed_for)
    return str(get_service_model(name).resolved_protocol) if name in services() else "json"


@functools.lru_cache(maxsize=4096)
def _of_path(service: str, method: str, path: str, query: str, copies: bool) -> str:
    if found := _RPC.search(path):
        return found[1]
    if service in services() and get_service_model(service).protocol.startswith("rest"):
        headers = {"X-Amz-Copy-Source": "there"} if copies else {}
        try:
            matched, _ = get_service_router(service).match(
                Request(create_environ(quote(path), query_string=query, method=method, headers=headers))
            )
        except HTTPException:  # no operation has this path
            return f"{method} {path}"
        return str(matched.name)
    return f"{method} {path}"
