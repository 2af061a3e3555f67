"""Asks a MySQL server something as its master user; in the VPC, with no permission in AWS. Called by functions, never by state.

Environment: `DATABASE_CA_BUNDLE`. Fails with DatabaseUnreachable, StillConnected, LoginRefused or DatabaseRefused, none of which
holds a password.
"""

from __future__ import annotations

from recovery.lambda_runtime import handles
from recovery.restore import database
from strategy.contracts.database import DatabaseAnswer, DatabaseRequest


@handles(DatabaseRequest.from_json)
def handler(request: DatabaseRequest, _context: object) -> DatabaseAnswer:
    return database.answer(request)
