"""What a person on call may do: look at everything a restore stands on, start the routes, and take down what a drill made.

Managed policies, to be attached to whatever roles the bank's people sign in with: who may look has the viewer's, who is on call
the operator's besides, and who may plan a failover that of its own. One for all would pass the 6,144 characters that IAM stores.
They restore nothing themselves: the workflows do, with roles of their own. A person hands over AWS Backup's role alone, to AWS
Backup.
"""

from __future__ import annotations

from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement
from constructs import Construct

from components.permissions import WildcardStatement, excuse, read_public_keys, read_records
from dr_stack import preflight
from dr_stack.drills.functions import executions
from dr_stack.planning_permissions import RESTORED, planning_reads, write_plan
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names, plan_record
from strategy.catalogue.drill_steps import WORKFLOW as DRILL
from strategy.catalogue.region_steps import WORKFLOW
from strategy.catalogue.routes import Route

_READING = "Reading only, and AWS has no resource to name for it, or not before it is known whether it exists"
_DRILLS = {"StringEquals": {f"aws:ResourceTag/{names.DRILL_TAG}": "true"}}


class ViewerPolicy(ManagedPolicy):
    """Looking, and nothing else: `status`, `plan`, `preflight`, `dashboard`, the records of what was done.

    No row or item of the bank's. Of the services' bundles it may read what `HeadObject` needs, which is the bundles.
    """

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        bucket = names.evidence_bucket(strategy.prefix, region, strategy.account)
        statements = [
            *_looks(strategy, region, Places(strategy, region)),
            # All that `status` reads of what is sealed: a daily pre-flight is never a finding.
            *read_records(bucket, {names.MANIFESTS, *names.SEALED} - {names.PREFLIGHTS}, absent=True),
        ]
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=names.role(strategy.prefix, "viewer", region),
            description=f"Whoever looks at {strategy.prefix} in {region}: what can be restored, and what was",
            statements=[each for each in statements if each.resources],
        )
        for statement in statements:
            excuse(self, statement)


class OperatorPolicy(ManagedPolicy):
    """What the person on call may besides: start, follow and resume the workflows, and take down what a drill made."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        places, account = Places(strategy, region), strategy.account
        statements = [
            read_public_keys(names.evidence_bucket(strategy.prefix, region, account)),
            PolicyStatement(actions=["states:StartExecution"], resources=_workflows(strategy, region)),
            WildcardStatement(
                actions=["states:DescribeExecution", "states:GetExecutionHistory"],
                resources=[*places.executions, executions(strategy, region)],
                because="Any execution of these workflows: its name is the plan's id and the attempt",
            ),
            PolicyStatement(
                actions=["lambda:InvokeFunction"],
                resources=[f"arn:aws:lambda:{region}:{account}:function:{names.function(strategy.prefix, 'late-writes')}"],
            ),
            WildcardStatement(
                actions=["rds:DeleteDBInstance"],
                resources=places.restored_instances,
                conditions=_DRILLS,
                because=RESTORED + "; and only a drill's",
            ),
            WildcardStatement(
                actions=["dynamodb:DeleteTable"],
                resources=places.restored_tables,
                conditions=_DRILLS,
                because=RESTORED + "; and only a drill's",
            ),
        ]
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=names.role(strategy.prefix, "operator", region),
            description=f"On call for {strategy.prefix} in {region}: start and follow restores, take down drills",
            statements=[each for each in statements if each.resources],
        )
        for statement in statements:
            excuse(self, statement)


class PlannedFailoverPolicy(ManagedPolicy):
    """What an operator needs to move a serving region's traffic on purpose: `planned-failover`, as before a failback.

    Of its own, because it stops whoever writes: the note that it leaves closes the region that serves.
    """

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        prefix, account, places = strategy.prefix, strategy.account, Places(strategy, region)
        parameters = f"arn:aws:ssm:{region}:{account}:parameter"
        manifests = names.state_machine_arn(prefix, names.MANIFESTS, region, account)
        statements = [
            PolicyStatement(
                actions=["ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"],
                resources=[f"{parameters}{names.taking(prefix)}"],
            ),
            PolicyStatement(actions=["ssm:GetParameter"], resources=[f"{parameters}{names.heartbeat(prefix)}"]),
            PolicyStatement(actions=["states:StartExecution"], resources=[manifests]),
            WildcardStatement(
                actions=["states:DescribeExecution"],
                resources=[f"{manifests.replace(':stateMachine:', ':execution:')}:*"],
                because="The one that was just started: its name is the moment",
            ),
            PolicyStatement(
                actions=["backup:StartBackupJob"], resources=[names.vault_arn(region, account, names.backup_vault(prefix))]
            ),
            WildcardStatement(
                actions=["backup:StartCopyJob"],
                resources=places.recovery_points,
                because="The points that were just made; these are AWS Backup's own",
            ),
            WildcardStatement(
                actions=["backup:DescribeBackupJob", "backup:DescribeCopyJob"],
                resources=["*"],
                because="AWS has no resource to name for a job: reading only",
            ),
            PolicyStatement(
                actions=["iam:PassRole"],
                resources=[names.role_arn(prefix, "backup", region, account)],
                conditions={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
            ),
        ]
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=names.role(prefix, "planned-failover", region),
            description=f"Beside the operator's for {prefix} in {region}: stop the region that serves, and bring its data over",
            statements=statements,
        )
        for statement in statements:
            excuse(self, statement)


class ApproverPolicy(ManagedPolicy):
    """What the second person needs: to read a region's plan, and to write one word beside it."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        places = Places(strategy, region)
        statements = [
            PolicyStatement(actions=["dynamodb:GetItem"], resources=[places.plans]),
            WildcardStatement(
                actions=["states:DescribeExecution"],
                resources=places.executions,
                because="A plan is the input of its executions, whose names are its id and the attempt",
            ),
            write_plan(places.plans, plan_record.APPROVALS),
        ]
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=names.role(strategy.prefix, "approver", region),
            description=f"The second person for {strategy.prefix} in {region}: approve a region's recovery",
            statements=statements,
        )
        for statement in statements:
            excuse(self, statement)


def _looks(strategy: Strategy, region: str, places: Places) -> list[PolicyStatement]:
    account, prefix = strategy.account, strategy.prefix
    return [
        WildcardStatement(
            actions=[
                "application-autoscaling:DescribeScalableTargets",
                "application-autoscaling:DescribeScalingPolicies",
                "backup:DescribeRegionSettings",
                "cloudwatch:GetMetricData",
                "dynamodb:ListTables",
                "ec2:DescribeAddresses",
                "elasticbeanstalk:DescribeEnvironments",
                "rds:DescribeAccountAttributes",
                "rds:DescribeDBInstanceAutomatedBackups",
                "rds:DescribeDBInstances",
                "rds:DescribeDBParameterGroups",
                "rds:DescribeDBSubnetGroups",
                "rds:DescribeOrderableDBInstanceOptions",
                "servicequotas:GetAWSDefaultServiceQuota",
                "servicequotas:GetServiceQuota",
            ],
            resources=["*"],
            because=_READING,
        ),
        PolicyStatement(
            actions=["s3:GetBucketVersioning", "s3:GetReplicationConfiguration"],
            resources=[
                f"arn:aws:s3:::{bucket(prefix, region, account)}" for bucket in (names.evidence_bucket, names.shared_data_bucket)
            ],
        ),
        WildcardStatement(
            actions=["cloudwatch:DescribeAlarms"],
            resources=[f"arn:aws:cloudwatch:{region}:{account}:alarm:{names.alarm(prefix, '*')}"],
            because="Every alarm of the strategy: one by one they would not fit into the policy",
        ),
        *planning_reads(strategy, region),
        *preflight.read_releases(strategy, region),
        PolicyStatement(
            actions=["ssm:GetParameter"],
            resources=[
                *places.endpoints,
                preflight.bootstrap(region, account),
                f"arn:aws:ssm:{region}:{account}:parameter{names.switch(prefix)}",
            ],
        ),
        WildcardStatement(
            actions=["secretsmanager:DescribeSecret"],
            resources=places.secrets,
            because="A secret's ARN ends in six characters of AWS's",
        ),
        PolicyStatement(actions=["states:DescribeStateMachine"], resources=_workflows(strategy, region)),
        PolicyStatement(actions=["iam:GetRole"], resources=[names.role_arn(prefix, "restore", region, account)]),
    ]


def _workflows(strategy: Strategy, region: str) -> list[str]:
    return [names.state_machine_arn(strategy.prefix, each, region, strategy.account) for each in (*Route, WORKFLOW, DRILL)]
