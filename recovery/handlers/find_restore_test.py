"""Finds what a restore test of AWS Backup restored, and what it must be compared with."""

from __future__ import annotations

from recovery.lambda_runtime import client, handles, passing
from recovery.restore_tests.lookup import find
from strategy.contracts.restore_tests import FindAnswer, FindRequest


@handles(FindRequest.from_json)
@passing
def handler(request: FindRequest, _context: object) -> FindAnswer:
    return find(request.restore_job_id, request.wanted, client)
