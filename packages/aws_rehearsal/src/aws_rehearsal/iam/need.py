"""What a call needs to be allowed: one action on its resources, and what AWS knows of the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Need:
    """An action as policies name it (`s3:GetObject`), the ARNs it acts on (`*` where AWS names none), and its condition keys.

    `context`: condition key in lower case (`aws:requesttag/name`, `kms:viaservice`) → the values; a key that the call does not
    have is absent.
    `source`: what AWS documents as the reason, where the action is not the call's own (a dependent action).
    """

    action: str
    resources: tuple[str, ...] = ("*",)
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
