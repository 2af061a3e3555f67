"""BackupStack: in both regions what receives and restores; in the primary also what is protected, and the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backup_stack.evidence import Evidence
from backup_stack.manifest import Manifest
from backup_stack.plan import Plan
from backup_stack.roles import BackupRole, RestoreRole
from backup_stack.stores import Stores
from backup_stack.vaults import Vaults
from components.network import Network
from components.regional_stack import RegionalStack


class BackupStack(RegionalStack):
    def __init__(self, *arguments: Any, functions: Path, **properties: Any) -> None:
        super().__init__(*arguments, kind="backup", **properties)
        strategy, region = self.strategy, self.home
        vaults = Vaults(self, "Vaults", prefix=strategy.prefix, account=strategy.account)
        evidence = Evidence(self, "Evidence", strategy=strategy, region=region)
        backup_role = BackupRole(self, "BackupRole", strategy=strategy, region=region)
        RestoreRole(self, "RestoreRole", strategy=strategy, region=region)
        if not self.is_primary:
            return
        evidence.replicate_to(self.other_region)
        network = Network(self, prefix=strategy.prefix)
        stores = Stores(self, "Stores", strategy=strategy, network=network)
        Plan(self, "Plan", strategy=strategy, vault=vaults.backup, role=backup_role, region=region)
        Manifest(self, "Manifest", strategy=strategy, region=region, stores=stores, network=network, code=functions)
