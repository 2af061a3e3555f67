"""The bank that is damaged, lost and brought back: schema, data from a seed, services at work, and an independent judge.

`load` fills a MySQL server and a DynamoDB table, and returns a `Ledger` of what they hold; the `Application`'s services add to
both and to the ledger; `judge_rows` and `judge_items` compare a store with the ledger, one by one, without asking any manifest.
Everything is invented: names of syllables, addresses under `.example`, phone numbers that no exchange serves.
"""

from rehearsal.bank.judge import Counts, judge_items, judge_rows, total
from rehearsal.bank.ledger import Ledger
from rehearsal.bank.loader import load
from rehearsal.bank.service_users import create_service_user
from rehearsal.bank.services import Application, Service
from rehearsal.bank.verifier import create_heartbeat, create_verifier

__all__ = [
    "Application",
    "Counts",
    "Ledger",
    "Service",
    "create_heartbeat",
    "create_service_user",
    "create_verifier",
    "judge_items",
    "judge_rows",
    "load",
    "total",
]
