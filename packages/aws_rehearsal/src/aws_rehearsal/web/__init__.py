"""The way of a customer into the embedded AWS: a name, its records and health checks, a load balancer, a service that answers.

Functions reach it as the proxy of their plain HTTP requests. Real: the deployed records and health checks, evaluated against the
published metrics; the balancer's security group; the service's own answer. Modelled: the network between them, and time: there is
no TTL and no delay of a health check. HTTPS is refused: no certificate authority would sign here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_rehearsal.web.dns import Dns
from aws_rehearsal.web.proxy import Proxy

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

__all__ = ["Dns", "Proxy", "install"]


def install(cloud: Cloud) -> None:
    proxy = Proxy(cloud, Dns(cloud))
    proxy.start()
    cloud.web = proxy
    cloud.closing.append(proxy.close)
