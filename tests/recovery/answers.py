"""A region that answers as scripted: real clients, whose parameters botocore checks, and no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

Answer = dict[str, Any] | str | Callable[[Mapping[str, Any]], "dict[str, Any] | str"]
"""What an operation answers: a value; the code of an error; or either, by the parameters of the call."""


class Region:
    """`answers` by service and operation, such as `("rds", "DescribeDBInstances")`; what is not scripted fails the test.

    Clients are slow to make, and shared: the Region of a name that was made last is the one that answers.
    """

    _made: ClassVar[dict[tuple[str, str], Any]] = {}
    answering: ClassVar[dict[str, Region]] = {}

    def __init__(self, name: str, answers: dict[tuple[str, str], Answer]) -> None:
        self.name, self.answers = name, answers
        self.asked: list[tuple[str, str]] = []
        self.written: list[Mapping[str, Any]] = []
        """Parameters of PutObject."""
        Region.answering[name] = self

    def client(self, service: str) -> Any:
        if (self.name, service) not in self._made:
            connect: Any = boto3.client
            client = connect(service, region_name=self.name, aws_access_key_id="test", aws_secret_access_key="test")
            client.meta.events.register("before-parameter-build", _keep)
            client.meta.events.register("before-call", _answer)
            self._made[self.name, service] = client
        return self._made[self.name, service]

    def answer(self, model: Any, context: dict[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
        service, operation = model.service_model.service_name, model.name
        self.asked.append((service, operation))
        if operation == "PutObject":
            self.written.append(context["asked"])
        answer = self.answers[service, operation]
        if callable(answer):
            answer = answer(context["asked"])
        status = 400 if isinstance(answer, str) else 200
        parsed = {"Error": {"Code": answer, "Message": answer}} if isinstance(answer, str) else answer
        return AWSResponse("https://nowhere", status, HTTPHeaders(), None), {
            "ResponseMetadata": {"HTTPStatusCode": status},
            **parsed,
        }


def _keep(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["asked"] = dict(params)


def _answer(model: Any, context: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
    return Region.answering[context["client_region"]].answer(model, context)
