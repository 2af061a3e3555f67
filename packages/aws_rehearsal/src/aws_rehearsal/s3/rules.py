"""Which replication rules apply to an object.

Enters: the configuration as moto parsed it from XML (every value is text, a single element is not in a list). Leaves: rules
as AWS's API spells them, and for one object the rule that decides for each destination.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One replication rule, with `bucket` as a name."""

    document: dict[str, Any]

    @property
    def bucket(self) -> str:
        return str(self.document["Destination"]["Bucket"]).rsplit(":", 1)[-1]

    @property
    def priority(self) -> int:
        return int(self.document.get("Priority", 0))

    @property
    def enabled(self) -> bool:
        return bool(self.document["Status"] == "Enabled")

    @property
    def delete_markers(self) -> bool:
        """Whether delete markers are replicated; the first version of the format (no Filter) always does."""
        if "Filter" not in self.document:
            return True
        return bool((self.document.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled")

    @property
    def kms_objects(self) -> bool:
        """Whether objects encrypted with a KMS key are replicated: as on AWS, only when the rule says so."""
        criteria = self.document.get("SourceSelectionCriteria") or {}
        return bool((criteria.get("SseKmsEncryptedObjects") or {}).get("Status") == "Enabled")

    @property
    def replica_key(self) -> str | None:
        """The KMS key replicas are encrypted with."""
        key: str | None = (self.document["Destination"].get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID")
        return key

    @property
    def storage_class(self) -> str | None:
        storage_class: str | None = self.document["Destination"].get("StorageClass")
        return storage_class

    @property
    def prefix(self) -> str:
        return str(self._filter.get("Prefix") or self.document.get("Prefix") or "")

    @property
    def _filter(self) -> dict[str, Any]:
        chosen: dict[str, Any] = self.document.get("Filter") or {}
        return chosen.get("And") or chosen

    def matches(self, name: str, tags: Mapping[str, str]) -> bool:
        """Whether the rule's filter lets the object through."""
        wanted = self._filter.get("Tag") or []
        wanted = wanted if isinstance(wanted, list) else [wanted]
        return name.startswith(self.prefix) and all(tags.get(tag["Key"]) == (tag["Value"] or "") for tag in wanted)


def rules_of(bucket: Any) -> list[Rule]:
    """The enabled rules of a moto bucket."""
    configuration = getattr(bucket, "replication", None) or {"Rule": []}
    return [rule for rule in map(Rule, configuration["Rule"]) if rule.enabled]


def deciding(rules: list[Rule], name: str, tags: Mapping[str, str]) -> list[Rule]:
    """For each destination, the matching rule of the highest priority."""
    chosen: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.priority):
        if rule.matches(name, tags):
            chosen[rule.bucket] = rule
    return list(chosen.values())
