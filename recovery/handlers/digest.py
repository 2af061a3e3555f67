"""The daily digest: reads its region, tells the people, and counts the day's jobs."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from recovery.digest import metric, page
from recovery.digest.inputs import gather
from recovery.lambda_runtime import client, handles, log
from strategy.contracts.digest import DigestAnswer, DigestRequest


@handles(DigestRequest.from_json)
def handler(request: DigestRequest, _context: object) -> DigestAnswer:
    found = gather(request, client, datetime.now(UTC))
    for each in metric.documents(found):
        log(json.dumps(each))
    client("sns").publish(
        TopicArn=os.environ["TOPIC"], Subject=page.subject(found), MessageStructure="json", Message=page.message(found)
    )
    return DigestAnswer(state=found.state, problems=len(found.problems), unknown=len(found.unknown))
