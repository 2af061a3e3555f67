"""The answer to AWS Backup's restore tests: the names of its two workflows, and its limits. Safe in a Lambda function."""

from __future__ import annotations

from datetime import timedelta

ANSWER = "answer-restore-test"
WATCH = "watch-restore-tests"
FORMAT = 1
"""Of a record in the evidence bucket."""
ANSWERED_WITHIN = timedelta(hours=3)
"""The answering workflow's own limit; what a test restored must be kept longer than that."""
