"""The bucket of a region's evidence: manifests, verifications, records of recoveries, reports, who called what.

Nothing in it is ever overwritten, and evidence deleted in one region stays in the other.
"""

from __future__ import annotations

from constructs import Construct

from backup_stack.buckets import KeptBucket
from strategy import Strategy, naming


class Evidence(KeptBucket):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id, name=naming.evidence_bucket(strategy.prefix, region, strategy.account))
