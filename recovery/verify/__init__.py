"""Verification: is a restored copy the data that was backed up?

`mysql` and `dynamodb` measure a live store into a `content.Content` (schema, counts, checksums). `manifest` keeps such a
measurement as evidence. `compare` compares a live measurement with a manifest and returns typed `result`s. Nothing here passes
by silence: what could not be compared is *not checked*, with the reason.
"""
