"""Prove the prover: a good restore, damaged in every way that is known to happen, must be seen to be damaged, and only then.

`mysql_kinds` and `dynamodb_kinds` hold the damage as data; `schemas` makes databases; `copies` restores them for real; `oracle`
says, by other means than the verifier, whether a copy differs at all; `score` counts. `python -m tests.mutations` runs it all.
"""
