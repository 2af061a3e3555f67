"""Findings: what failed stays open, with somebody who answers for it and a date, until the change that fixes it is linked.

Nothing has to run for a finding to open: a record of evidence that failed is one, and records cannot be removed unnoticed. What
people do about it is written beside it, as records too, never over one another.
"""
