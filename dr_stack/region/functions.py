"""The functions of a region's recovery, each with the few permissions of its step. None of them may delete anything.

Only one may update a stack, that stack is the standby workload's, and in a role of its own (`activation_role`); nobody but the
region workflow may call it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import ONLY_AWS, Function, checking_signatures
from components.permissions import WildcardStatement, read_evidence, read_manifests
from dr_stack.region.activation_role import ActivationRole
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.catalogue.routes import Route
from strategy.contracts.contract import text_of
from strategy.contracts.region import ServiceCheck


class RegionFunctions(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, code: Path) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._code = strategy, region, code
        self._places = Places(strategy, region)
        self._evidence = naming.evidence_bucket(strategy.prefix, region, strategy.account)
        self.assess = self._function("Assess", read_evidence(self._evidence, naming.MANIFESTS))
        self.store = self._function("Store", self._restoring(), code=checking_signatures(code))
        ActivationRole(self, "ActivationRole", strategy=strategy, region=region)
        self.workload = self._function("Workload", self._activating())
        self.buckets = self._function("Buckets", self._looking())
        self.approval = self._function(
            "Approval", [PolicyStatement(actions=["dynamodb:GetItem"], resources=[self._places.plans])]
        )
        keep = max(rule.keep for rule in strategy.rules)
        self.protect = self._function("Protect", self._protecting(), environment={"KEEP_DAYS": str(keep.days)})
        self.smoke = self._asking("Smoke", [])
        regions = strategy.regions
        home = region == naming.home(regions.primary, regions.recovery)  # said so, because a template here names no other region
        self.watch = self._asking("Watch", self._watching(), IS_HOME="true" if home else "false")

    def _asking(self, construct_id: str, permissions: list[PolicyStatement], **environment: str) -> Function:
        """Asks the services as customers do: from outside the network, at the addresses that the region publishes."""
        strategy = self._strategy
        addresses = [self._parameter(naming.service_address(strategy.prefix, each.name)) for each in strategy.services]
        checks = {
            each.name: ServiceCheck(health=each.health_check, read=each.read_check, stores=tuple(each.uses))
            for each in strategy.services
        }
        return self._function(
            construct_id,
            [PolicyStatement(actions=["ssm:GetParameter"], resources=addresses), *permissions],
            environment={"CHECKS": text_of(checks), **environment},
            outside="It asks the services as customers do, who are outside the VPC",
        )

    def _function(
        self,
        construct_id: str,
        permissions: list[PolicyStatement],
        *,
        environment: Mapping[str, str] | None = None,
        outside: str = ONLY_AWS,
        code: Path | None = None,
    ) -> Function:
        purpose = f"region-{construct_id.lower()}"
        return Function(
            self,
            construct_id,
            name=naming.function(self._strategy.prefix, purpose),
            handler=f"recovery.handlers.{purpose.replace('-', '_')}.handler",
            code=code or self._code,
            timeout=Duration.minutes(2),
            memory=256,
            environment=environment or {},
            permissions=[each for each in permissions if each.resources],
            outside=outside,
        )

    def _parameter(self, name: str) -> str:
        return f"arn:aws:ssm:{self._region}:{self._strategy.account}:parameter{name}"

    def _restoring(self) -> list[PolicyStatement]:
        """It starts the routes' workflows; what those may do, it may not."""
        strategy, region = self._strategy, self._region
        return [
            PolicyStatement(
                actions=["states:StartExecution"],
                resources=[naming.state_machine_arn(strategy.prefix, each, region, strategy.account) for each in Route],
            ),
            WildcardStatement(
                actions=["states:DescribeExecution"],
                resources=self._places.executions,
                because="Any execution of these workflows: its name is the plan's id and the attempt",
            ),
            *read_evidence(self._evidence, naming.RESTORES, absent=True),
            *read_manifests(self._evidence),
        ]

    def _activating(self) -> list[PolicyStatement]:
        strategy, region = self._strategy, self._region
        arn = f"arn:aws:cloudformation:{region}:{strategy.account}:stack/{naming.stack(strategy.prefix, 'standby')}/*"
        one = "One stack by its name: its ARN ends in an id of AWS's"
        role = naming.role_arn(strategy.prefix, naming.ACTIVATE, region, strategy.account)
        return [
            PolicyStatement(
                actions=["ssm:GetParameter", "ssm:PutParameter"],
                resources=[f"arn:aws:ssm:{region}:{strategy.account}:parameter{naming.taking(strategy.prefix)}"],
            ),
            WildcardStatement(actions=["cloudformation:DescribeStacks"], resources=[arn], because=one),
            WildcardStatement(
                actions=["cloudformation:UpdateStack"],
                resources=[arn],
                # In no other role: least of all the one that the stack was deployed with, which is an administrator's.
                conditions={"StringEquals": {"cloudformation:RoleArn": role}},
                because=one,
            ),
            PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role],
                conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
            ),
            WildcardStatement(
                actions=["elasticbeanstalk:DescribeEnvironments"],
                resources=["*"],
                because="AWS has no resource to name before it is known which environments exist: reading only",
            ),
        ]

    def _looking(self) -> list[PolicyStatement]:
        prefix, account = self._strategy.prefix, self._strategy.account
        names = [bucket(prefix, self._region, account) for bucket in (naming.evidence_bucket, naming.shared_data_bucket)]
        return [
            PolicyStatement(
                actions=["s3:GetBucketVersioning", "s3:ListBucket"], resources=[f"arn:aws:s3:::{each}" for each in names]
            )
        ]

    def _watching(self) -> list[PolicyStatement]:
        return [
            PolicyStatement(actions=["ssm:GetParameter"], resources=[self._parameter(naming.switch(self._strategy.prefix))]),
            WildcardStatement(
                actions=["cloudwatch:GetMetricStatistics"],
                resources=["*"],
                because="CloudWatch has no resource to name for a metric: reading only",
            ),
        ]

    def _protecting(self) -> list[PolicyStatement]:
        strategy, region = self._strategy, self._region
        role = naming.role_arn(strategy.prefix, "backup", region, strategy.account)
        vault = naming.vault_arn(region, strategy.account, naming.backup_vault(strategy.prefix))
        return [
            PolicyStatement(actions=["backup:StartBackupJob", "backup:TagResource"], resources=[vault]),
            PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role],
                conditions={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
            ),
        ]
