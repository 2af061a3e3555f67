"""Publishes each minute whether this region claims traffic, and notes a cutover in the other region.

Environment: `PREFIX`, `OTHER_REGION`, `HOME_REGION`. The other region is asked with little patience: that it does not answer
changes nothing. This region's switch must be readable: without it nothing is published, and Route 53 keeps what it knew.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from recovery.cutover.metric import claims, publish
from recovery.cutover.switch import Record, note, read
from recovery.lambda_runtime import anything, client, handles, passing, remote
from strategy.catalogue import names
from strategy.contracts.cutover import PublishAnswer

_LOG = logging.getLogger(__name__)


@handles(anything)
@passing
def handler(_nothing: None, _context: object) -> PublishAnswer:
    prefix, here, now = os.environ["PREFIX"], os.environ["AWS_REGION"], datetime.now(UTC)
    name, ssm = names.switch(prefix), client("ssm")
    other = _ask(os.environ["OTHER_REGION"], name)
    own = note(ssm, name, read(ssm, name), other, now)
    claimed = claims(here, os.environ["HOME_REGION"], own, other, now)
    publish(client("cloudwatch"), prefix, claimed=claimed, now=now)
    return PublishAnswer(claimed=claimed, serving=own.serving if own else None)


def _ask(region: str, name: str) -> Record | None:
    try:
        return read(remote("ssm", region), name)
    except (BotoCoreError, ClientError, ValueError) as error:
        _LOG.warning("the switch of %s cannot be read: %s", region, error)
        return None
