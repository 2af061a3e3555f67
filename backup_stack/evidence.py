"""The bucket of a region's evidence: manifests, verifications, records of recoveries, reports, who called what.

Nothing in it is ever overwritten, and evidence deleted in one region stays in the other. Sealing locks the records it seals.
"""

from __future__ import annotations

from constructs import Construct

from backup_stack.buckets import KeptBucket
from strategy import Strategy
from strategy.catalogue import names


class Evidence(KeptBucket):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        name = names.evidence_bucket(strategy.prefix, region, strategy.account)
        super().__init__(scope, construct_id, name=name, lockable=True)
