"""The chain of evidence: every record of a region's evidence bucket, sealed once, in order, by a signature of KMS.

A link says which object it seals (key, version, SHA-256), when, and what the link before it was. Links are objects named by
their number, written only where none is: two writers cannot fork the chain. Whoever has the public key can check it all, without
AWS and without this project's word for anything.
"""
