"""The members of a request, by the service's own model, from a WSGI environ in any of the protocols that AWS's services speak.

`wsgi.input` can be read again afterwards. What a request carries as data and not as a member (the bytes of an object, the event
of a function) is neither read nor copied.
"""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree.ElementTree import ParseError

from botocore.parsers import RpcV2CBORParser
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.utils import get_service_model
from werkzeug.datastructures import MultiDict

from aws_rehearsal import operations

_CBOR = "smithy-rpc-v2-cbor"
_LABEL = re.compile(r"\\\{(\w+)(\\\+)?\\\}")
_ENCODED = "application/x-www-form-urlencoded"
_FURTHER_MODELS = {"dynamodb": ("dynamodbstreams",), "elasticloadbalancing": ("elb",), "s3": ("s3control",)}
"""Models whose requests are signed with the name of another one."""


class MalformedRequestError(Exception):
    """The request's body is not what its protocol says."""


def members(environ: dict[str, Any], service: str, operation: str) -> dict[str, Any]:
    """The request's members, as botocore's model names them; empty where no model knows the operation.

    `service` is the name that the request was signed with. Raises MalformedRequestError.
    """
    model = _model(service, operation)
    if model is None or model.input_shape is None:
        return {}
    protocol = _protocol(model, environ)
    body = b"" if _is_data(model) else _body(environ)
    try:
        if protocol == _CBOR:
            return _of_cbor(body)
        if protocol == "json":
            return _of_json(body)
        parsed = PROTOCOL_PARSERS[protocol](model).parse(_request(model, protocol, environ, body))
    except (ValueError, TypeError, AttributeError, KeyError, ParseError, RequestParserError) as error:
        raise MalformedRequestError(f"{service}:{operation}: {error}") from error
    return {name: value for name, value in parsed.items() if value is not None} if isinstance(parsed, dict) else {}


@functools.lru_cache(maxsize=4096)
def _model(service: str, operation: str) -> Any:
    for name in (operations.model_name(service), *_FURTHER_MODELS.get(service, ())):
        if name in operations.services():
            model = get_service_model(name)
            if operation in model.operation_names:
                return model.operation_model(operation)
    return None


def _protocol(model: Any, environ: Mapping[str, Any]) -> str:
    """What the request speaks: some services speak several."""
    own = str(model.service_model.protocol)
    if own.startswith("rest"):
        return own
    content = environ.get("CONTENT_TYPE") or ""
    if "cbor" in content or environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        return _CBOR
    if environ.get("HTTP_X_AMZ_TARGET"):
        return "json"
    return "ec2" if own == "ec2" else "query"


@functools.lru_cache(maxsize=4096)
def _is_data_of(service: str, operation: str, payload: str, kind: str) -> bool:
    return bool(payload) and kind in {"blob", "string"} and not (service == "s3" and operation == "PutBucketPolicy")


def _is_data(model: Any) -> bool:
    payload = model.input_shape.serialization.get("payload", "")
    kind = model.input_shape.members[payload].type_name if payload else ""
    return _is_data_of(model.service_model.service_name, model.name, payload, kind)


def _body(environ: dict[str, Any]) -> bytes:
    """All of it, and `wsgi.input` set back."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        content: bytes = environ["wsgi.input"].read(int(length))
    elif environ.get("wsgi.input_terminated"):
        content = environ["wsgi.input"].read()
    else:
        return b""
    environ["wsgi.input"] = io.BytesIO(content)
    return content


def _request(model: Any, protocol: str, environ: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    query = environ.get("QUERY_STRING", "")
    if protocol in {"query", "ec2"}:
        text = body.decode() if (environ.get("CONTENT_TYPE") or "").startswith(_ENCODED) else ""
        return {"values": dict(parse_qsl(f"{text}&{query}" if query else text, keep_blank_values=True))}
    path = environ.get("PATH_INFO", "/").encode("latin-1", "replace").decode("utf-8", "replace")
    return {
        "method": environ["REQUEST_METHOD"],
        "headers": _Headers(environ),
        "body": body,
        "values": MultiDict(parse_qsl(query, keep_blank_values=True)),
        "url_path": path,
        "url_params": _path_members(model.http["requestUri"], path),
    }


def _path_members(uri: str, path: str) -> dict[str, str]:
    found = _pattern(uri.split("?", 1)[0]).fullmatch(path)
    return {name: unquote(value) if "%" in value else value for name, value in found.groupdict().items()} if found else {}


@functools.lru_cache(maxsize=4096)
def _pattern(uri: str) -> re.Pattern[str]:
    """`/{Bucket}/{Key+}` → a pattern with named groups. A trailing slash is no difference."""
    text = _LABEL.sub(lambda label: f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})", re.escape(uri.rstrip("/")))
    return re.compile(text + "/?", re.DOTALL)


class _Headers(dict[str, str]):
    """The request's headers, by name in any case. Half the cost of werkzeug's, which S3's forty headers make felt."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        found = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                found[name.replace("_", "-").lower()] = environ[name]
        super().__init__(found)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


def _of_json(body: bytes) -> dict[str, Any]:
    """AWS's JSON protocol takes members by their own names, so the data need no walk along the model.

    Times stay numbers and bytes stay base64: no condition key is made of one. https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
    """
    value = json.loads(body) if body else {}
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else {}


def _of_cbor(body: bytes) -> dict[str, Any]:
    """Members of the RPC protocol bear their own names, so the data need no walk along the model."""
    if not body:
        return {}
    parser = RpcV2CBORParser()
    value = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
    return value if isinstance(value, dict) else {}
