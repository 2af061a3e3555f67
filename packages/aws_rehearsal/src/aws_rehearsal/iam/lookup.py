"""What a request does not say and AWS knows: asked of whoever holds the resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Lookup(Protocol):
    """Answers about resources. What is not there has no tags, no key, no ARN and no facts; none of these raises."""

    def tags(self, arn: str) -> Mapping[str, str]:
        """The resource's tags."""

    def key(self, arn: str) -> str:
        """ARN of the customer managed key that encrypts the resource, or would encrypt what is put into it.

        Empty where AWS owns or manages the key: the policy of an AWS managed key lets everyone in the account use it through
        its service (https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key).
        """

    def arn(self, kind: str, name: str, region: str) -> str:
        """The ARN of what its name alone does not tell; empty where nothing has the name.

        `kind` is one of: `kms` (key id, alias, or ARN of either → the key), `kms-ciphertext` (base64 of what the key encrypted),
        `secret`, `role`, `instance-profile-role` (→ the role in it), `stack`, `environment` (Elastic Beanstalk, name or id),
        `restore-testing-plan`.
        """

    def facts(self, arn: str) -> Mapping[str, str]:
        """What condition keys and dependent needs ask for, of this one resource; each key where it is known.

        DB instance and snapshot: `engine`, `engine-version`, `class`, `database`, `multi-az`, `iops`, `storage`, `encrypted`,
        `vpc` (`true`). Table: `partition-key`. Key: `spec`, `usage`, `origin`, `multi-region`, `manager`
        (`AWS` or `CUSTOMER`), `aliases` (separated by commas). Function: `role`, `subnets`. Subnet: `vpc`. Role:
        `boundary`. Stack: `template`, and `parameter/<name>` for each. Object: `text`. Bucket: `bucket-key` (`true`).
        """


class NoLookup:
    """Of an account in which there is nothing."""

    def tags(self, arn: str) -> Mapping[str, str]:  # noqa: ARG002
        return {}

    def key(self, arn: str) -> str:  # noqa: ARG002
        return ""

    def arn(self, kind: str, name: str, region: str) -> str:  # noqa: ARG002
        return ""

    def facts(self, arn: str) -> Mapping[str, str]:  # noqa: ARG002
        return {}
