"""Region settings, and the tags of vaults, plans and recovery points."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.backup.core import Core
from aws_rehearsal.backup.listing import page
from aws_rehearsal.service import ServiceError


class SettingsOperations(Core):
    def describe_region_settings(self, region: str) -> dict[str, Any]:
        books = self.books(region)
        return {"ResourceTypeOptInPreference": books.opted_in, "ResourceTypeManagementPreference": books.managed}

    def update_region_settings(
        self,
        region: str,
        *,
        ResourceTypeOptInPreference: dict[str, bool] | None = None,
        ResourceTypeManagementPreference: dict[str, bool] | None = None,
    ) -> None:
        self.books(region).opted_in.update(ResourceTypeOptInPreference or {})
        self.books(region).managed.update(ResourceTypeManagementPreference or {})

    def tag_resource(self, region: str, *, ResourceArn: str, Tags: dict[str, str]) -> None:
        self._tags(region, ResourceArn).update(Tags)

    def untag_resource(self, region: str, *, ResourceArn: str, TagKeyList: list[str]) -> None:
        tags = self._tags(region, ResourceArn)
        for key in TagKeyList:
            tags.pop(key, None)

    def list_tags(self, region: str, *, ResourceArn: str, **parameters: Any) -> dict[str, Any]:
        answer = page("Tags", sorted(self._tags(region, ResourceArn).items()), parameters)
        return answer | {"Tags": dict(answer["Tags"])}

    def _tags(self, region: str, arn: str) -> dict[str, str]:
        tags = self.books(region).tags.get(arn)
        if tags is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find {arn}")
        return tags
