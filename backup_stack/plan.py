"""The backup plan: the strategy's rules as they stand, each with its copy to the other region, and what they protect.

Stores are selected by ARN. The L2 helper that takes a construct silently skips a `TableV2`.
"""

from __future__ import annotations

from datetime import timedelta

from aws_cdk import Duration
from aws_cdk.aws_backup import (
    BackupPlan,
    BackupPlanCopyActionProps,
    BackupPlanRule,
    BackupResource,
    BackupSelection,
    BackupVault,
    IBackupVault,
)
from aws_cdk.aws_events import Schedule
from aws_cdk.aws_iam import IRole
from constructs import Construct

from components import stores
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import Rule


class Plan(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, vault: IBackupVault, role: IRole, region: str
    ) -> None:
        super().__init__(scope, construct_id)
        prefix, account = strategy.prefix, strategy.account
        # By ARN: `from_backup_vault_name` would mean the vault of that name in this region.
        copies = BackupVault.from_backup_vault_arn(
            self, "Copies", names.vault_arn(strategy.regions.other(region), account, names.copy_vault(prefix))
        )
        plan = BackupPlan(
            self,
            "Plan",
            backup_plan_name=names.backup_plan(prefix),
            backup_vault=vault,
            backup_plan_rules=[_rule(rule, vault, copies) for rule in strategy.rules],
        )
        BackupSelection(
            self,
            "Selection",
            backup_plan=plan,
            backup_selection_name=names.backup_selection(prefix),
            role=role,
            disable_default_backup_policy=True,  # the role already has it
            resources=[BackupResource.from_arn(stores.arn(strategy, store, region)) for store in strategy.stores],
        )


def _rule(rule: Rule, vault: IBackupVault, copies: IBackupVault) -> BackupPlanRule:
    return BackupPlanRule(
        rule_name=rule.name,
        backup_vault=vault,
        schedule_expression=Schedule.expression(rule.schedule),
        start_window=_minutes(rule.start_window),
        completion_window=_minutes(rule.completion_window),
        delete_after=Duration.days(rule.keep.days),
        copy_actions=[
            BackupPlanCopyActionProps(destination_backup_vault=copies, delete_after=Duration.days(rule.copy_keep.days))
        ],
    )


def _minutes(time: timedelta) -> Duration:
    return Duration.minutes(time // timedelta(minutes=1))
