"""Asking a service over HTTP, as a customer's browser would: by its region's own address, through its load balancer.

A redirect is an answer like any other and is not followed: it could lead to the other region.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException

SECONDS = 5.0
"""For one answer. A service that is slower than that is not one to send customers to."""
_MOST = 64 * 1024
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: nothing answered, and `trouble` says why. The body is kept nowhere: it may hold people's data."""

    status: int
    body: bytes = b""
    trouble: str = ""


Ask = Callable[[str], Answer]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        """Not followed."""


def ask(address: str) -> Answer:
    """GET it. Never raises for what a service or the way to it does."""
    if not address.startswith(("http://", "https://")):
        return Answer(0, trouble=f"{address} is no address of the web")
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(address, timeout=SECONDS) as response:
            return Answer(response.status, response.read(_MOST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code)
    except (OSError, HTTPException) as error:  # URLError and a timeout are OSErrors
        return Answer(0, trouble=str(getattr(error, "reason", error)) or type(error).__name__)
