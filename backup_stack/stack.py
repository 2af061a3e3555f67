"""BackupStack: in both regions what receives, restores and is watched; in the primary also what is protected, and the plan."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from backup_stack import configuration, replicated_backups, reports
from backup_stack.auditor import AuditorPolicy
from backup_stack.buckets import Replication
from backup_stack.calendar import Duties
from backup_stack.configuration import Configuration
from backup_stack.endpoints import Endpoints
from backup_stack.evidence import Evidence
from backup_stack.evidence_chain import Sealing
from backup_stack.framework import Framework
from backup_stack.manifest import Manifests
from backup_stack.plan import Plan
from backup_stack.region_settings import RegionSettings
from backup_stack.replicated_backups import ReceivingKey
from backup_stack.reports import Reports
from backup_stack.restore_tests import RestoreTesting
from backup_stack.roles import BackupRole, RestoreRole
from backup_stack.shared_data import SharedData
from backup_stack.stores import Stores
from backup_stack.tampering import Tampering
from backup_stack.trail import BackupTrail
from backup_stack.vaults import Vaults
from components.network import Network
from components.regional_stack import RegionalStack
from strategy.catalogue import names


class BackupStack(RegionalStack):
    def __init__(self, *arguments: Any, functions: Path, **properties: Any) -> None:
        super().__init__(*arguments, kind="backup", **properties)
        strategy, region = self.strategy, self.home
        self._network = Network(self, prefix=strategy.prefix)
        self._vaults = Vaults(self, "Vaults", strategy=strategy, region=region)
        self._evidence = Evidence(self, "Evidence", strategy=strategy, region=region)
        self._shared = SharedData(self, "SharedData", strategy=strategy, region=region)
        self._replication = Replication(self, "Replication", strategy=strategy, region=region)
        self._backup_role = BackupRole(self, "BackupRole", strategy=strategy, region=region)
        if replicated_backups.key_wanted(strategy):
            ReceivingKey(self, "ReplicatedBackups", strategy=strategy, region=region)
        self._settings = self._watch(functions)
        self._sealing = Sealing(self, "Sealing", strategy=strategy, region=region, code=functions)
        self._sealing.node.add_dependency(self._evidence)
        Duties(self, "Duties", strategy=strategy, region=region, code=functions)
        AuditorPolicy(self, "Auditor", strategy=strategy, region=region)
        role = RestoreRole(self, "RestoreRole", strategy=strategy, region=region)
        RestoreTesting(self, "RestoreTesting", strategy=strategy, region=region, role=role, network=self._network)
        key = None
        if self.is_primary and strategy.replicates_backups:
            key = replicated_backups.received_key(self, strategy=strategy, region=self.other_region)
        stores = Stores(self, "Stores", strategy=strategy, region=region, network=self._network, received_key=key)
        self._replicate()
        if self.is_primary:
            self._protect(stores, functions)

    def _watch(self, functions: Path) -> RegionSettings:
        """What tells, or writes down, how it goes; the settings of the region come before whatever relies on them."""
        strategy, region, bucket = self.strategy, self.home, self._evidence
        records = strategy.audit.config_recorder == "managed"
        services = [reports.SERVICE, *([configuration.SERVICE] if records else [])]
        settings = RegionSettings(self, "RegionSettings", strategy=strategy, code=functions, service_roles=services)
        Tampering(self, "Tampering", strategy=strategy, region=region)
        framework = Framework(self, "Framework", strategy=strategy, region=region)
        Reports(self, "Reports", strategy=strategy, bucket=bucket, framework=framework)
        if strategy.audit.trail == "managed":
            BackupTrail(self, "Trail", strategy=strategy, region=region, bucket=bucket, shared=self._shared)
        if records:
            recorder = Configuration(self, "Configuration", strategy=strategy, bucket=bucket)
            recorder.node.add_dependency(settings)
            framework.node.add_dependency(recorder)
        if bucket.policy is not None:
            bucket.policy.node.add_dependency(settings)
        return settings

    def _replicate(self) -> None:
        """What is written here reaches the other region; evidence that is deleted here stays there."""
        for bucket, name, deletions in (
            (self._evidence, names.evidence_bucket, False),
            (self._shared, names.shared_data_bucket, True),
        ):
            to = partial(name, self.strategy.prefix, account=self.strategy.account)
            self._replication.replicate(bucket, to=to, deletions=deletions)

    def _protect(self, stores: Stores, functions: Path) -> None:
        """The plan that backs the stores up and copies them, and what is said of them."""
        strategy, region = self.strategy, self.home
        plan = Plan(self, "Plan", strategy=strategy, vault=self._vaults.backup, role=self._backup_role, region=region)
        plan.node.add_dependency(self._settings)
        Manifests(
            self,
            "Manifest",
            strategy=strategy,
            region=region,
            stores=stores,
            network=self._network,
            sealing=self._sealing,
            code=functions,
        )
        Endpoints(self, "Endpoints", strategy=strategy, region=region, stores=stores, code=functions)
