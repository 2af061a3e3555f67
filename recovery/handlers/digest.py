"""The daily digest: reads its region, tells the people, and counts the day's jobs. Event: `strategy.digested.wanted`.

Answer: `{"state", "problems", "unknown"}`, the last two as counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.digest import metric, page
from recovery.digest.inputs import gather
from recovery.handlers.boundary import client, log


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    found = gather(event, client, datetime.now(UTC))
    for each in metric.documents(found):
        log(json.dumps(each))
    client("sns").publish(
        TopicArn=os.environ["TOPIC"], Subject=page.subject(found), MessageStructure="json", Message=page.message(found)
    )
    return {"state": found.state, "problems": len(found.problems), "unknown": len(found.unknown)}
