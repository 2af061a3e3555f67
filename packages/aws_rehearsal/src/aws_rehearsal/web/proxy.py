"""The proxy that functions ask for what is outside: it resolves the name, enters the region, and asks the service behind it.

A closed security group drops packets, as on AWS: there is no answer at all. A balancer without a service behind the path answers
503. The proxy serves the cloud's functions, each with a password of its own, and nobody else of this machine.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlsplit

from aws_rehearsal.web.dns import Dns
from aws_rehearsal.web.health import CALLER

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_WORLD = "0.0.0.0/0"
_SECONDS = 60.0
_POLL_SECONDS = 0.05


class NoAnswer(Exception):
    """Nothing answers: no such name, no such region, or nobody is let in."""


class Proxy:
    """Listens on loopback; `address` is what a function is told.

    The application server behind a balancer may have a `key`: the proxy sends it as `BALANCER`, and the server need not answer
    those of this machine who do not know it, as a security group would let in the balancer alone.
    """

    def __init__(self, cloud: Cloud, dns: Dns) -> None:
        self._cloud = cloud
        self.dns = dns
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), name="the-web", daemon=True)

    def address(self, function: str) -> str:
        """Of the proxy, with the credentials of that function."""
        return f"http://{quote(function, safe='')}:{self.password(function)}@127.0.0.1:{self._server.server_port}"

    def password(self, function: str) -> str:
        return self._cloud.keys.derived("proxy", function)

    @property
    def port(self) -> int:
        return self._server.server_port

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()

    def answer(self, url: str) -> tuple[int, bytes]:
        """Status and body. Raises NoAnswer where a caller would wait in vain."""
        asked = urlsplit(url)
        *_, balancer = self.dns.path(asked.hostname or "")
        region = self._enter(balancer, asked.port or 80)
        for environment in self._cloud.environments(region):
            server: Any = environment.server
            path = getattr(server, "path", "")
            if path and (asked.path == path or asked.path.startswith(f"{path}/")):
                return _ask(getattr(server, "port", 0), asked.path, str(getattr(server, "key", "")))
        return 503, b"No service of this region answers"

    def _enter(self, balancer: str, port: int) -> str:
        """The region whose balancer that is, if it is let in."""
        *_, region = balancer.removesuffix(".elb.amazonaws.com").split(".")
        if region in self._cloud.gateway.lost_regions or not balancer.endswith(".elb.amazonaws.com"):
            raise NoAnswer(balancer)
        balancers = self._cloud.client("elbv2", region, caller=CALLER).describe_load_balancers()["LoadBalancers"]
        groups = [group for each in balancers if each["DNSName"].lower() == balancer for group in each["SecurityGroups"]]
        if not groups:
            raise NoAnswer(balancer)
        found = self._cloud.client("ec2", region, caller=CALLER).describe_security_groups(GroupIds=groups)["SecurityGroups"]
        rules = [rule for group in found for rule in group["IpPermissions"] if _WORLD in str(rule.get("IpRanges"))]
        if not any(rule.get("FromPort", 0) <= port <= rule.get("ToPort", 65535) for rule in rules):
            raise NoAnswer(f"{balancer}: closed")
        return str(region)


BALANCER = "X-Rehearsal-Balancer"
"""The header by which an application server knows its balancer."""


def _ask(port: int, path: str, key: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers={BALANCER: key} if key else {})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 503, b"The service does not answer"
    finally:
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    proxy: ClassVar[Proxy]

    def do_GET(self) -> None:
        if not self._known():
            self.send_response(407)
            self.send_header("Proxy-Authenticate", 'Basic realm="functions"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        try:
            status, body = self.proxy.answer(self.path)
        except NoAnswer:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _known(self) -> bool:
        scheme, _, told = self.headers.get("Proxy-Authorization", "").partition(" ")
        try:
            name, _, password = base64.b64decode(told, validate=True).decode().partition(":")
        except ValueError:
            return False
        return scheme == "Basic" and hmac.compare_digest(password.encode(), self.proxy.password(name).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: the service knows who asked."""
