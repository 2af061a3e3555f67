"""The scheduled restore tests of a region: AWS Backup restores the newest recovery points of its vaults, and deletes them again.

By type and by vault, not by the ARN of the store: a copy is known by the ARN of its source, which is in the other region, and
nothing here may depend on that. So the tests are the same in both roles of a region, and cover whichever vault is in use.
"""

from __future__ import annotations

from datetime import timedelta

from aws_cdk import Fn
from aws_cdk.aws_backup import CfnRestoreTestingPlan, CfnRestoreTestingSelection
from aws_cdk.aws_iam import IRole
from constructs import Construct

from components.network import Network
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import StoreKind

_TYPES = {StoreKind.MYSQL: "RDS", StoreKind.DYNAMODB: "DynamoDB"}
_HOUR = timedelta(hours=1)


class RestoreTesting(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, role: IRole, network: Network
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy = strategy
        self._network = network
        testing, prefix = strategy.restore_testing, strategy.prefix
        vaults = (names.backup_vault(prefix), names.copy_vault(prefix))
        plan = CfnRestoreTestingPlan(
            self,
            "Plan",
            restore_testing_plan_name=names.restore_testing_plan(prefix),
            schedule_expression=testing.schedule,
            start_window_hours=testing.start_window // _HOUR,
            recovery_point_selection=CfnRestoreTestingPlan.RestoreTestingRecoveryPointSelectionProperty(
                algorithm="LATEST_WITHIN_WINDOW",  # what a disaster would be recovered from
                include_vaults=[names.vault_arn(region, strategy.account, vault) for vault in vaults],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=testing.selection_window.days,
            ),
        )
        for kind in dict.fromkeys(store.kind for store in strategy.stores):
            CfnRestoreTestingSelection(
                self,
                kind.value.title(),
                restore_testing_plan_name=plan.ref,
                restore_testing_selection_name=kind.value,
                protected_resource_type=_TYPES[kind],
                protected_resource_arns=["*"],
                iam_role_arn=role.role_arn,
                restore_metadata_overrides=self._overrides(kind),
                validation_window_hours=testing.validation_window // _HOUR,
            )

    def _overrides(self, kind: StoreKind) -> dict[str, str]:
        """What AWS Backup would infer wrongly: RDS looks for a default VPC, and a copied table must say its encryption."""
        if kind is StoreKind.DYNAMODB:
            return {"encryptionType": "Default"}
        group = self._network.database_security_group
        return {
            "dbParameterGroupName": names.parameter_group(self._strategy.prefix),
            "dbSubnetGroupName": names.subnet_group(self._strategy.prefix),
            "enableIamDatabaseAuthentication": "true",  # by which the verifier signs in
            "vpcSecurityGroupIds": Fn.join("", ['["', group, '"]']),
        }
