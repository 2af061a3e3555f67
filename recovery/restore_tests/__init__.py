"""Restore tests of AWS Backup, answered by content: what was restored is found, verified and stamped, and none is missing."""
