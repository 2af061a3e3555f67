"""Elastic Beanstalk: environments whose application servers are given to the cloud, as `cloud.application_servers`.

Real: when a server starts, stops and starts anew. Modelled: how long that takes. Everything else of an environment is left out.
Installed last, so that a lost region's servers lose their stores under them, as they would, and are only then stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_rehearsal.beanstalk.service import ElasticBeanstalk

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud


def install(cloud: Cloud) -> None:
    from aws_rehearsal.cloud import ACCOUNT

    service = ElasticBeanstalk(cloud, ACCOUNT)
    cloud.services[service.name] = service
    cloud.region_lost.append(service.lose)
    cloud.closing.append(service.close)
