"""The one load balancer of a region. It stands before anything is activated: failover records need something to point at.

It costs by the hour even when idle, some 18 USD a month; without it a record would have to be written on the night, by Route
53's control plane, or point at a name that nobody has claimed yet, and that a stranger could. With no service behind it, it
answers 503.
"""

from __future__ import annotations

from aws_cdk.aws_ec2 import Peer, Port
from aws_cdk.aws_elasticloadbalancingv2 import CfnListener, CfnLoadBalancer
from aws_cdk.aws_route53 import CfnRecordSet
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from components.acknowledge import acknowledge
from dr_stack.standby.network import StandbyNetwork
from strategy import Strategy
from strategy.catalogue import names

_NOTHING = "No service of this region answers"


class Balancer(Construct):
    """Each service answers under its own name as the first part of the path: `/user/…`."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, network: StandbyNetwork) -> None:
        super().__init__(scope, construct_id)
        certificate = strategy.dns.certificates.get(region) if strategy.dns else None
        self.port = 443 if certificate else 80
        for port in sorted({80, self.port}):
            network.balancer.add_ingress_rule(Peer.any_ipv4(), Port.tcp(port), "The world")
        acknowledge(network.balancer, {"AwsSolutions-EC23": "Customers come from anywhere; the fence closes it"})
        balancer = CfnLoadBalancer(
            self,
            "Balancer",
            name=names.balancer(strategy.prefix),
            type="application",
            scheme="internet-facing",
            subnets=network.public.subnet_ids,
            security_groups=[network.balancer.security_group_id],
            load_balancer_attributes=[
                CfnLoadBalancer.LoadBalancerAttributeProperty(key="deletion_protection.enabled", value="true"),
                CfnLoadBalancer.LoadBalancerAttributeProperty(
                    key="routing.http.drop_invalid_header_fields.enabled", value="true"
                ),
            ],
        )
        balancer.node.add_dependency(*(each.internet_connectivity_established for each in network.public.subnets))
        logs = "The services log each request, and flow logs each connection: a third record would hold people's data again"
        acknowledge(
            balancer,
            {
                "AwsSolutions-ELB2": logs,
                "NIST.800.53.R5-ELBLoggingEnabled": logs,
                "NIST.800.53.R5-ALBWAFEnabled": "A firewall's rules are the application team's, who attach them to this balancer",
            },
        )
        self.arn = balancer.ref
        self._listen(certificate)
        host = balancer.attr_dns_name
        if strategy.dns:
            host = strategy.dns.regional(region)
            CfnRecordSet(
                self,
                "Name",
                hosted_zone_name=f"{strategy.dns.zone}.",
                name=f"{host}.",
                type="A",
                alias_target=CfnRecordSet.AliasTargetProperty(
                    dns_name=balancer.attr_dns_name, hosted_zone_id=balancer.attr_canonical_hosted_zone_id
                ),
            )
        for service in strategy.services:
            StringParameter(
                self,
                f"Address{service.name.title()}",
                parameter_name=names.service_address(strategy.prefix, service.name),
                string_value=f"{'https' if certificate else 'http'}://{host}/{service.name}",
            )

    def _listen(self, certificate: str | None) -> None:
        answer = CfnListener.ActionProperty(
            type="fixed-response",
            fixed_response_config=CfnListener.FixedResponseConfigProperty(
                status_code="503", content_type="text/plain", message_body=_NOTHING
            ),
        )
        onward = CfnListener.ActionProperty(
            type="redirect",
            redirect_config=CfnListener.RedirectConfigProperty(protocol="HTTPS", port="443", status_code="HTTP_301"),
        )
        plain = CfnListener(
            self,
            "Http",
            load_balancer_arn=self.arn,
            port=80,
            protocol="HTTP",
            default_actions=[onward if certificate else answer],
        )
        if certificate is None:
            because = "Without a certificate in the strategy there is plain HTTP only: for generated data"
            rules = ("NIST.800.53.R5-ALBHttpToHttpsRedirection", "NIST.800.53.R5-ELBv2ACMCertificateRequired")
            acknowledge(plain, dict.fromkeys(rules, because))
            return
        onward_only = "It sends everybody on to HTTPS, and has nothing to encrypt"
        acknowledge(plain, {"NIST.800.53.R5-ELBv2ACMCertificateRequired": onward_only})
        CfnListener(
            self,
            "Https",
            load_balancer_arn=self.arn,
            port=443,
            protocol="HTTPS",
            certificates=[CfnListener.CertificateProperty(certificate_arn=certificate)],
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            default_actions=[answer],
        )
