"""What nobody may do to what is in a vault, whatever their own policies allow: written into its policy, and looked for there.

Safe to import in a Lambda function.
"""

from __future__ import annotations

from collections.abc import Mapping

AUDITED = ("backup:DeleteRecoveryPoint", "backup:PutBackupVaultAccessPolicy", "backup:UpdateRecoveryPointLifecycle")
"""The three actions that Backup Audit Manager looks for in one statement."""
WRITTEN_BY_DEPLOYMENTS = ("backup:PutBackupVaultAccessPolicy", "backup:PutBackupVaultLockConfiguration")
BY_NO_DEPLOYMENT = (
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:DeleteRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
)


def guarded(exempt: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Actions that a vault's policy must refuse, and the roles that it may leave a way open for: `break_glass`, `deployment`."""
    both = frozenset(exempt.values())
    written = dict.fromkeys({*AUDITED, *WRITTEN_BY_DEPLOYMENTS}, both)
    return written | dict.fromkeys(BY_NO_DEPLOYMENT, frozenset({exempt["break_glass"]}))
