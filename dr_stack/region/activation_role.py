"""The role in which CloudFormation activates the standby workload, and nothing else may be done.

A stack keeps the role it was deployed with, and the CDK's is an administrator: whoever may update the stack would be one too.
So the function that activates may update it in this role alone (`cloudformation:RoleArn`). It makes and takes back what stands
behind the activation: ways out, cache, environments, the SFTP host. It may write no role or policy, no key, no data store and no
bucket of the bank's.
"""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from constructs import Construct

from components.permissions import WildcardStatement, allow
from strategy import Strategy
from strategy.catalogue import names

_IDS = "What is made has an id of AWS's own, in this region and account"
_BY_AWS = (
    "Elastic Beanstalk makes it in its caller's name, and names it awseb- and an id: the pattern is that of AWS's own policy "
    "AdministratorAccess-AWSElasticBeanstalk"
)
_READING = "Reading only: most of these calls have no resource to name"


class ActivationRole(Role):
    """Taken by CloudFormation for the standby stack of one region."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        account = strategy.account
        stack = f"arn:aws:cloudformation:{region}:{account}:stack/{names.stack(strategy.prefix, 'standby')}/*"
        super().__init__(
            scope,
            construct_id,
            role_name=names.role(strategy.prefix, names.ACTIVATE, region),
            description="CloudFormation, when the region workflow activates the standby workload",
            assumed_by=ServicePrincipal(
                "cloudformation.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": stack}},
            ),
        )
        allow(self, [each for each in _Statements(strategy, region).all() if each.resources])  # a strategy may have no services


class _Statements:
    def __init__(self, strategy: Strategy, region: str) -> None:
        self._strategy, self._region, self._account = strategy, region, strategy.account

    def all(self) -> Iterator[PolicyStatement]:
        yield from self._network()
        yield from self._small()
        yield from self._environments()
        yield from self._roles()

    def _arn(self, service: str, *resources: str) -> list[str]:
        return [f"arn:aws:{service}:{self._region}:{self._account}:{each}" for each in resources]

    def _network(self) -> Iterator[PolicyStatement]:
        """Ways out, the hosts' instances, and what Elastic Beanstalk launches them with."""
        ec2 = ("launch-template", "network-interface", "security-group", "subnet", "volume", "vpc")
        yield WildcardStatement(
            actions=[
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeScalingActivities",
                "cloudwatch:DescribeAlarms",
                "ec2:DescribeAddresses",
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribeNatGateways",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "elasticbeanstalk:ListAvailableSolutionStacks",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTags",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
                "logs:DescribeLogGroups",
            ],
            resources=["*"],
            because=_READING,
        )
        yield WildcardStatement(
            actions=[
                "ec2:AllocateAddress",
                "ec2:CreateNatGateway",
                "ec2:CreateRoute",
                "ec2:CreateTags",
                "ec2:DeleteNatGateway",
                "ec2:DeleteRoute",
                "ec2:ReleaseAddress",
                "ec2:ReplaceRoute",
            ],
            resources=self._arn("ec2", *(f"{each}/*" for each in ("elastic-ip", "natgateway", "route-table", "subnet"))),
            because=_IDS,
        )
        yield WildcardStatement(
            actions=[
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:CreateLaunchTemplate",
                "ec2:CreateLaunchTemplateVersion",
                "ec2:CreateSecurityGroup",
                "ec2:CreateTags",
                "ec2:DeleteLaunchTemplate",
                "ec2:DeleteSecurityGroup",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:RunInstances",
            ],
            resources=[
                *self._arn("ec2", "instance/*", *(f"{each}/*" for each in ec2)),
                f"arn:aws:ec2:{self._region}::image/*",
            ],
            because=_IDS,
        )
        yield WildcardStatement(
            actions=["ec2:TerminateInstances"],
            resources=self._arn("ec2", "instance/*"),
            conditions={
                "StringLike": {
                    "aws:ResourceTag/aws:cloudformation:stack-name": [names.stack(self._strategy.prefix, "standby"), "awseb-e-*"]
                }
            },
            because=_IDS + "; and only of this stack and of its environments",
        )

    def _small(self) -> Iterator[PolicyStatement]:
        """The cache and its address, what is read while the stack is updated, and the guard that looks at each update."""
        strategy = self._strategy
        cache = names.cache(strategy.prefix)
        yield WildcardStatement(
            actions=[
                "elasticache:AddTagsToResource",
                "elasticache:CreateReplicationGroup",
                "elasticache:DeleteReplicationGroup",
                "elasticache:DescribeCacheClusters",
                "elasticache:DescribeReplicationGroups",
                "elasticache:ListTagsForResource",
                "elasticache:ModifyReplicationGroup",
            ],
            resources=self._arn(
                "elasticache", f"replicationgroup:{cache}", f"cluster:{cache}*", "subnetgroup:*", "parametergroup:*"
            ),
            because="A group's clusters have a number after its name; CloudFormation named the subnet and parameter group",
        )
        yield PolicyStatement(
            actions=[
                "ssm:AddTagsToResource",
                "ssm:DeleteParameter",
                "ssm:GetParameters",
                "ssm:ListTagsForResource",
                "ssm:PutParameter",
            ],
            resources=self._arn("ssm", f"parameter{names.cache_address(strategy.prefix)}"),
        )
        releases = [
            f"parameter{parameter(strategy.prefix, each.name)}"
            for each in strategy.services
            for parameter in (names.service_version, names.service_platform)
        ]
        yield WildcardStatement(
            actions=["ssm:GetParameters"],
            resources=[
                *self._arn("ssm", *releases),
                f"arn:aws:ssm:{self._region}::parameter/aws/service/ami-amazon-linux-latest/*",
            ],
            because="AWS's own parameters, which say which image is the newest",
        )
        yield PolicyStatement(
            actions=["lambda:InvokeFunction"],
            resources=self._arn("lambda", f"function:{names.function(strategy.prefix, 'activation-guard')}"),
        )

    def _environments(self) -> Iterator[PolicyStatement]:
        """Elastic Beanstalk uses its caller's permissions (AWS Elastic Beanstalk Developer Guide, "Service roles, instance
        profiles, and user policies").
        """
        application, region, account = names.service_application(self._strategy.prefix), self._region, self._account
        balancer = names.balancer(self._strategy.prefix)
        beanstalk = f"arn:aws:elasticbeanstalk:{region}"
        yield WildcardStatement(
            actions=[
                "elasticbeanstalk:AddTags",
                "elasticbeanstalk:CreateEnvironment",
                "elasticbeanstalk:DescribeApplicationVersions",
                "elasticbeanstalk:DescribeApplications",
                "elasticbeanstalk:DescribeConfigurationOptions",
                "elasticbeanstalk:DescribeConfigurationSettings",
                "elasticbeanstalk:DescribeEnvironmentResources",
                "elasticbeanstalk:DescribeEnvironments",
                "elasticbeanstalk:DescribeEvents",
                "elasticbeanstalk:ListTagsForResource",
                "elasticbeanstalk:TerminateEnvironment",
                "elasticbeanstalk:UpdateEnvironment",
                "elasticbeanstalk:ValidateConfigurationSettings",
            ],
            resources=[
                *self._arn(
                    "elasticbeanstalk",
                    f"application/{application}",
                    *(f"{each}/{application}/*" for each in ("applicationversion", "configurationtemplate", "environment")),
                ),
                f"{beanstalk}::platform/*",
                f"{beanstalk}::solutionstack/*",
            ],
            because="Environments and versions of the one application, and AWS's platforms",
        )
        yield WildcardStatement(
            actions=[
                "cloudformation:CancelUpdateStack",
                "cloudformation:CreateStack",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStackResource",
                "cloudformation:DescribeStackResources",
                "cloudformation:DescribeStacks",
                "cloudformation:GetTemplate",
                "cloudformation:ListStackResources",
                "cloudformation:TagResource",
                "cloudformation:UpdateStack",
            ],
            resources=self._arn("cloudformation", "stack/awseb-e-*"),
            because=_BY_AWS,
        )
        yield WildcardStatement(
            actions=[
                "autoscaling:CreateAutoScalingGroup",
                "autoscaling:CreateOrUpdateTags",
                "autoscaling:DeleteAutoScalingGroup",
                "autoscaling:DeletePolicy",
                "autoscaling:PutNotificationConfiguration",
                "autoscaling:PutScalingPolicy",
                "autoscaling:ResumeProcesses",
                "autoscaling:SuspendProcesses",
                "autoscaling:UpdateAutoScalingGroup",
            ],
            resources=self._arn(
                "autoscaling",
                "autoScalingGroup:*:autoScalingGroupName/awseb-e-*",
            ),
            because=_BY_AWS,
        )
        yield WildcardStatement(
            actions=[
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:CreateRule",
                "elasticloadbalancing:CreateTargetGroup",
                "elasticloadbalancing:DeleteRule",
                "elasticloadbalancing:DeleteTargetGroup",
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:ModifyTargetGroup",
                "elasticloadbalancing:ModifyTargetGroupAttributes",
                "elasticloadbalancing:RegisterTargets",
                "elasticloadbalancing:SetRulePriorities",
            ],
            resources=self._arn(
                "elasticloadbalancing",
                "targetgroup/awseb-*",
                f"listener/app/{balancer}/*",
                f"listener-rule/app/{balancer}/*",
            ),
            because=_BY_AWS,
        )
        yield WildcardStatement(
            actions=["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
            resources=self._arn("cloudwatch", "alarm:awseb-*"),
            because=_BY_AWS,
        )
        yield WildcardStatement(
            actions=["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy"],
            resources=self._arn(
                "logs",
                *(
                    f"log-group:/aws/elasticbeanstalk/{names.service_environment(self._strategy.prefix, each.name)}/*"
                    for each in self._strategy.services
                ),
            ),
            because="One group for each file that an environment's platform writes",
        )
        own = f"arn:aws:s3:::elasticbeanstalk-{region}-{account}"
        yield PolicyStatement(
            actions=[
                "s3:CreateBucket",
                "s3:GetBucketAcl",
                "s3:GetBucketLocation",
                "s3:GetBucketPolicy",
                "s3:ListBucket",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPolicy",
                "s3:PutBucketPublicAccessBlock",
            ],
            resources=[own],
        )
        bundles = f"arn:aws:s3:::{names.shared_data_bucket(self._strategy.prefix, region, account)}/{names.BUNDLES}/*"
        yield WildcardStatement(
            actions=["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources=[f"{own}/*"],
            because="Elastic Beanstalk's own bucket of the region, in which it keeps what its environments are made from",
        )
        yield WildcardStatement(
            actions=["s3:GetObject"], resources=[bundles], because="Which bundle a release brought is in the region's parameters"
        )

    def _roles(self) -> Iterator[PolicyStatement]:
        prefix, region, account = self._strategy.prefix, self._region, self._account
        hosts = [names.SFTP, *(names.service_role(each.name) for each in self._strategy.services)]
        yield PolicyStatement(
            actions=["iam:PassRole"],
            resources=[names.role_arn(prefix, each, region, account) for each in hosts],
            conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        )
        yield PolicyStatement(
            actions=["iam:PassRole"],
            resources=[names.role_arn(prefix, names.BEANSTALK, region, account)],
            conditions={"StringEquals": {"iam:PassedToService": "elasticbeanstalk.amazonaws.com"}},
        )
        made_by_aws = {
            "autoscaling": "AWSServiceRoleForAutoScaling",
            "elasticache": "AWSServiceRoleForElastiCache",
            "elasticbeanstalk": "AWSServiceRoleForElasticBeanstalk",
            "elasticloadbalancing": "AWSServiceRoleForElasticLoadBalancing",
        }
        services = {f"{service}.amazonaws.com": name for service, name in made_by_aws.items()}
        yield PolicyStatement(
            actions=["iam:CreateServiceLinkedRole"],
            resources=[f"arn:aws:iam::{account}:role/aws-service-role/{each}/{name}" for each, name in services.items()],
            conditions={"StringEquals": {"iam:AWSServiceName": sorted(services)}},
        )
