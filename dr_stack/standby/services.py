"""The bank's services: an Elastic Beanstalk application that waits and costs nothing, and an environment of each service.

Bundle and platform are read when an environment is made, from SSM parameters of this region that every release writes here as
well: on the night, the newest release runs, on a platform that this region offered at that release.
"""

from __future__ import annotations

from aws_cdk import Fn
from aws_cdk.aws_elasticbeanstalk import CfnApplication, CfnEnvironment
from aws_cdk.aws_iam import CfnInstanceProfile, ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from constructs import Construct

from components.acknowledge import INLINE_POLICY, acknowledge
from components.permissions import WildcardStatement, allow
from dr_stack.standby.activation import Activation
from dr_stack.standby.balancer import Balancer
from dr_stack.standby.network import StandbyNetwork
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.store_arns import arn
from strategy.model.strategy import Service, Standby

_MANAGED = {
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSElasticBeanstalkEnhancedHealth]": (
        "What Elastic Beanstalk asks for to watch its own environments"
    ),
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy]": (
        "What Elastic Beanstalk asks for to run its own environments"
    ),
}


class ServiceSettings(Construct):
    """The application, the role of Elastic Beanstalk itself, and one role for the instances of each service."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        self.application = CfnApplication(
            self,
            "Application",
            application_name=names.service_application(strategy.prefix),
            description="The services of the CRM; each is an environment of its own",
        )
        self.manager = Role(
            self,
            "Manager",
            role_name=names.role(strategy.prefix, names.BEANSTALK, region),
            assumed_by=ServicePrincipal(
                "elasticbeanstalk.amazonaws.com", conditions={"StringEquals": {"sts:ExternalId": "elasticbeanstalk"}}
            ),
            managed_policies=[
                ManagedPolicy.from_aws_managed_policy_name(name)
                for name in (
                    "service-role/AWSElasticBeanstalkEnhancedHealth",
                    "AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy",
                )
            ],
        )
        acknowledge(self.manager, _MANAGED)
        self.profiles = {service.name: self._profile(strategy, region, service) for service in strategy.services}

    def _profile(self, strategy: Strategy, region: str, service: Service) -> CfnInstanceProfile:
        name = service.name.title()
        role = Role(
            self,
            f"{name}Role",
            role_name=names.role(strategy.prefix, names.service_role(service.name), region),
            assumed_by=ServicePrincipal("ec2.amazonaws.com"),
        )
        acknowledge(role, INLINE_POLICY)
        allow(role, list(_of_instances(strategy, region, service)))
        return CfnInstanceProfile(self, f"{name}Profile", roles=[role.role_name])


def _of_instances(strategy: Strategy, region: str, service: Service) -> list[PolicyStatement]:
    """To find its stores, to use them, to fetch its bundle, to say how it is."""
    prefix, account = strategy.prefix, strategy.account
    stores = [store for store in strategy.stores if store.name in service.uses]
    parameters = [names.endpoint(prefix, store.name) for store in stores] + [names.cache_address(prefix)]
    found: list[PolicyStatement] = [
        PolicyStatement(
            actions=["ssm:GetParameter"],
            resources=[f"arn:aws:ssm:{region}:{account}:parameter{name}" for name in parameters],
        ),
        WildcardStatement(
            actions=["s3:GetObject"],
            resources=[f"arn:aws:s3:::{names.shared_data_bucket(prefix, region, account)}/{names.BUNDLES}/{service.name}/*"],
            because="Every release of this service: which one runs is known when it is deployed",
        ),
        WildcardStatement(
            actions=["elasticbeanstalk:PutInstanceStatistics"],
            resources=[
                f"arn:aws:elasticbeanstalk:{region}:{account}:{kind}/{names.service_application(prefix)}{rest}"
                for kind, rest in (("application", ""), ("environment", "/*"))
            ],
            because="Its own environment, whose id is not known before",
        ),
        WildcardStatement(
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[
                (
                    f"arn:aws:logs:{region}:{account}:log-group:/aws/elasticbeanstalk/"
                    f"{names.service_environment(prefix, service.name)}/*"
                )
            ],
            because="The logs of its own environment: one group for each file",
        ),
    ]
    for store in stores:
        if store.kind == "mysql":
            secret = names.service_secret(prefix, store.name, service.name)
            found.append(
                WildcardStatement(
                    actions=["secretsmanager:GetSecretValue"],
                    resources=[f"arn:aws:secretsmanager:{region}:{account}:secret:{secret}-??????"],
                    because="A secret's ARN ends in six characters of AWS's",
                )
            )
        else:
            table = arn(strategy, store, region)
            tables = [table, f"{table.rsplit('/', 1)[0]}/{names.restored_pattern(table.rsplit('/', 1)[1])}"]
            found.append(
                WildcardStatement(
                    actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
                    resources=[*tables, *(f"{each}/index/*" for each in tables)],
                    because="A restored table has the plan's id in its name, which is not known before",
                )
            )
    return found


class Services(Construct):
    """One environment of each service, behind the region's load balancer."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        network: StandbyNetwork,
        settings: ServiceSettings,
        balancer: Balancer,
        activation: Activation,
    ) -> None:
        super().__init__(scope, construct_id)
        warm = strategy.standby is Standby.WARM
        for priority, service in enumerate(strategy.services, start=1):
            least = str(service.min_instances)
            small = Fn.condition_if(activation.condition.logical_id, least, "1").to_string() if warm else least
            environment = CfnEnvironment(
                self,
                service.name.title(),
                application_name=settings.application.ref,
                environment_name=names.service_environment(strategy.prefix, service.name),
                version_label=f"{{{{resolve:ssm:{names.service_version(strategy.prefix, service.name)}}}}}",
                solution_stack_name=f"{{{{resolve:ssm:{names.service_platform(strategy.prefix, service.name)}}}}}",
                option_settings=[
                    CfnEnvironment.OptionSettingProperty(namespace=f"aws:{namespace}", option_name=option, value=value)
                    for namespace, options in {
                        **_instances(service, settings, network, least=small),
                        **_behind(service, balancer, priority),
                        **_looked_after(strategy, region, settings, service),
                    }.items()
                    for option, value in options.items()
                ],
            )
            acknowledge(
                environment,
                {
                    "AwsSolutions-EB4": "Logs go to CloudWatch, which keeps them; a second copy in S3 would be kept by nobody",
                    "NIST.800.53.R5-ElasticBeanstalkManagedUpdatesEnabled": (
                        "Platforms move with releases, in both regions at once: what updates itself is not what was rehearsed"
                    ),
                    "AwsSolutions-EB3": "As above: platforms move with releases",
                },
            )


def _instances(service: Service, settings: ServiceSettings, network: StandbyNetwork, *, least: str) -> dict[str, dict[str, str]]:
    return {
        "autoscaling:asg": {"MinSize": least, "MaxSize": str(service.max_instances)},
        "autoscaling:launchconfiguration": {
            "IamInstanceProfile": settings.profiles[service.name].ref,
            "SecurityGroups": network.services.security_group_id,
            "DisableIMDSv1": "true",
            "RootVolumeType": "gp3",
        },
        "ec2:instances": {"InstanceTypes": service.instance_type},
        "ec2:vpc": {
            "VPCId": network.vpc.vpc_id,
            "Subnets": Fn.join(",", network.private.subnet_ids),
            "ELBSubnets": Fn.join(",", network.public.subnet_ids),
            "AssociatePublicIpAddress": "false",
        },
    }


def _behind(service: Service, balancer: Balancer, priority: int) -> dict[str, dict[str, str]]:
    """Joined to the region's load balancer by a rule of its own."""
    return {
        "elasticbeanstalk:environment:process:default": {
            "HealthCheckPath": service.health_check,
            "MatcherHTTPCode": "200",
            "Port": str(service.port),
            "Protocol": "HTTP",
        },
        "elbv2:loadbalancer": {"SharedLoadBalancer": balancer.arn},
        f"elbv2:listener:{balancer.port}": {"Rules": service.name},
        f"elbv2:listenerrule:{service.name}": {
            "PathPatterns": f"/{service.name},/{service.name}/*",
            "Priority": str(priority),
            "Process": "default",
        },
    }


def _looked_after(strategy: Strategy, region: str, settings: ServiceSettings, service: Service) -> dict[str, dict[str, str]]:
    return {
        "elasticbeanstalk:environment": {
            "EnvironmentType": "LoadBalanced",
            "LoadBalancerType": "application",
            "LoadBalancerIsShared": "true",
            "ServiceRole": settings.manager.role_arn,
        },
        "elasticbeanstalk:healthreporting:system": {"SystemType": "enhanced"},
        "elasticbeanstalk:cloudwatch:logs": {"StreamLogs": "true", "DeleteOnTerminate": "false", "RetentionInDays": "365"},
        "elasticbeanstalk:application:environment": {
            "SERVER_PORT": str(service.port),
            "SERVER_SERVLET_CONTEXT_PATH": "/",
            "RECOVERY_PREFIX": strategy.prefix,
            "AWS_REGION": region,
        },
    }
