"""An AWS service answered by us: requests are parsed, and answers serialised, by botocore's own service model.

A subclass names its service and has one method per operation it knows, in snake case, taking the caller's region and the
operation's parameters as AWS spells them:

    class Backup(Service):
        name = "backup"

        def describe_backup_vault(self, region: str, *, BackupVaultName: str, **_: object) -> dict[str, Any]: ...

An operation without a method, and a parameter its method does not name, are refused: nothing is silently accepted. Errors are
`ServiceError`s, whose code must be one the service model knows (botocore raises it as a ClientError with that code).
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from botocore import xform_name
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

UNKNOWN = "ValidationException"
"""Code of what the embedded AWS does not know; AWS's own `InvalidAction` is in no service model, and moto would warn of it."""


class ServiceError(ServiceException):
    """An error a service of ours answers: code and message.

    A class of our own, because moto looks for error codes in the model of the package that an exception is defined in, and
    knows no service called `core`.
    """


class Service:
    """Base of the services that are ours. One instance answers every region; state is keyed by region inside."""

    name: ClassVar[str]

    def answer(self, region: str, environ: dict[str, Any]) -> Response:
        """Parse one WSGI request, call the operation's method, serialise what it returns or raises."""
        request = Request(environ)
        values, body = request.values, request.get_data()  # in this order: reading the body first would hide the form
        model = get_service_model(self.name)
        operation_name, uri_parameters = self._operation(request, values)
        operation = model.operation_model(operation_name)
        protocol = determine_request_protocol(model, request.content_type)
        result: Any
        try:
            method = getattr(self, xform_name(operation_name), None)
            if method is None:
                raise ServiceError(UNKNOWN, f"the embedded AWS does not know {self.name}:{operation_name}")
            parsed = {"method": request.method, "values": values, "headers": request.headers, "body": body}
            parsed |= {"url_path": request.path, "url_params": uri_parameters}
            parameters = PROTOCOL_PARSERS[protocol](operation).parse(parsed)
            try:
                inspect.signature(method).bind(region, **parameters)
            except TypeError as error:
                raise ServiceError(UNKNOWN, f"{self.name}:{operation_name} in the embedded AWS: {error}") from error
            result = method(region, **parameters) or {}
        except ServiceException as error:
            result = error
        answer = get_serializer_class(self.name, protocol)(operation_model=operation).serialize(result)
        return Response(answer["body"], status=answer["status_code"], headers=dict(answer["headers"]))

    def _operation(self, request: Request, values: Any) -> tuple[str, dict[str, Any]]:
        if action := values.get("Action"):
            return action, {}
        if target := request.headers.get("X-Amz-Target"):
            return target.split(".")[-1], {}
        operation, uri_parameters = get_service_router(self.name).match(request)
        return operation.name, uri_parameters
