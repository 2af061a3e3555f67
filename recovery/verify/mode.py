"""How strong a hash verification uses."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How a row is hashed inside a MySQL server. Items of DynamoDB are always hashed with the whole SHA-256."""

    CRYPTOGRAPHIC = "cryptographic"
    """64 bits of its SHA-256, summed: what differs is missed once in 2^64."""
    FAST = "fast"
    """Its CRC32, summed, at about half the cost: an accident is missed once in 2^32, and who wants to can make a row that is."""
