"""How a client of this process reaches its cloud: the same request and the same answer, without a socket and a thread between.

Other processes (the CDK command line, Lambda functions, a client of the person who rehearses) come through the port. A call of
our own takes half the time this way, and a deployment makes two thousand of them.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from urllib3.response import HTTPResponse
from werkzeug.exceptions import InternalServerError

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def send(application: Application, request: AWSPreparedRequest, *, port: int) -> AWSResponse:
    """The answer of a WSGI application that listens on `port` of this machine."""
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        started.update(status=int(status.split(" ", 1)[0]), headers=headers)

    asked = environ(request, port=port)
    try:
        body = b"".join(application(asked, start_response))
    except Exception:  # noqa: BLE001  as werkzeug's server does it: the caller is told that it failed, and the terminal why
        traceback.print_exc()
        failure: Application = InternalServerError()
        body = b"".join(failure(asked, start_response))
    headers = HTTPHeaders()
    for name, value in started["headers"]:
        headers[name] = value
    if request.method == "HEAD":
        body = b""
    raw = HTTPResponse(
        body=io.BytesIO(body),
        headers=dict(started["headers"]),
        status=started["status"],
        request_method=request.method,
        preload_content=False,
    )
    return AWSResponse(request.url, started["status"], headers, raw)


def environ(request: AWSPreparedRequest, *, port: int) -> dict[str, Any]:
    """As werkzeug's server makes it of the same request on the wire."""
    url = urlsplit(request.url)
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    found: dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "SERVER_SOFTWARE": "aws-rehearsal",
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_wsgi(unquote(url.path or "/")),
        "QUERY_STRING": url.query,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": 0,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        found[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    content = _content(request.body)
    if content or "CONTENT_LENGTH" in found:
        found["CONTENT_LENGTH"] = str(len(content))
    found["wsgi.input"] = io.BytesIO(content)
    return found


def _content(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else bytes(body.read())


def _as_wsgi(text: str) -> str:
    return text.encode().decode("latin-1")
