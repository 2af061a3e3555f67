"""Gives a restored MySQL instance the passwords of our secrets. Called again each minute until it is settled.

DatabaseUnreachable and TryAgain are worth a retry; LoginRefused and DatabaseRefused end the attempt.
"""

from __future__ import annotations

from recovery.lambda_runtime import client, handles, passing
from recovery.restore.passwords import reset
from recovery.restore.plan import Plan
from strategy.contracts.restore import PasswordsAnswer, PasswordsRequest


@handles(PasswordsRequest.from_json)
@passing
def handler(request: PasswordsRequest, _context: object) -> PasswordsAnswer:
    return reset(Plan.from_json(request.plan), client)
