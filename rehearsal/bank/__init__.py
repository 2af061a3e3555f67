"""The bank that is lost and brought back: its schema, its data from a seed, its customers at work, and an independent judge.

`load` fills a MySQL server and a DynamoDB table, and returns a `Ledger` of what they hold; a `Writer` adds to both and to the
ledger; `judge` compares what came back with the ledger, row by row and item by item, without asking any manifest. Everything is
invented: names of syllables, addresses under `.example`, phone numbers that no exchange serves.
"""

from rehearsal.bank.ledger import Counts, Judgement, Ledger, judge
from rehearsal.bank.loader import load
from rehearsal.bank.verifier import create_verifier
from rehearsal.bank.writer import Writer

__all__ = ["Counts", "Judgement", "Ledger", "Writer", "create_verifier", "judge", "load"]
