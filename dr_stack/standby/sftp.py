"""The SFTP host: a mock mainframe and bastion without real data, set up anew from code each time, in either region.

Nobody reaches it from outside: people come by Systems Manager's sessions, and forward SFTP's port through one.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Fn
from aws_cdk.aws_ec2 import CfnInstance
from aws_cdk.aws_iam import CfnInstanceProfile, ManagedPolicy, Role, ServicePrincipal
from constructs import Construct

from components.acknowledge import acknowledge
from dr_stack.standby.network import StandbyNetwork
from strategy import Strategy
from strategy.catalogue import names

_IMAGE = "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64}}"
_SETUP = (Path(__file__).parent / "sftp.sh").read_text(encoding="utf-8")
_TYPE = "t4g.micro"


class SftpProfile(Construct):
    """What the host may do: be reached by Systems Manager. Costs nothing."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        managed = "AmazonSSMManagedInstanceCore"
        role = Role(
            self,
            "Role",
            role_name=names.role(strategy.prefix, names.SFTP, region),
            assumed_by=ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[ManagedPolicy.from_aws_managed_policy_name(managed)],
        )
        reason = "What Systems Manager asks for to open a session, which replaces an open port"
        acknowledge(role, {f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{managed}]": reason})
        self.profile = CfnInstanceProfile(self, "Profile", roles=[role.role_name])


class SftpHost(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, network: StandbyNetwork, profile: CfnInstanceProfile
    ) -> None:
        super().__init__(scope, construct_id)
        host = CfnInstance(
            self,
            "Instance",
            image_id=_IMAGE,
            instance_type=_TYPE,
            iam_instance_profile=profile.ref,
            subnet_id=network.private.subnet_ids[0],
            security_group_ids=[network.sftp.security_group_id],
            user_data=Fn.base64(_SETUP),
            monitoring=True,
            ebs_optimized=True,
            block_device_mappings=[
                CfnInstance.BlockDeviceMappingProperty(
                    device_name="/dev/xvda",
                    ebs=CfnInstance.EbsProperty(encrypted=True, volume_type="gp3", volume_size=8, delete_on_termination=True),
                )
            ],
            metadata_options=CfnInstance.MetadataOptionsProperty(http_tokens="required", http_endpoint="enabled"),
            tags=[{"key": "Name", "value": f"{strategy.prefix}-sftp"}],
        )
        acknowledge(
            host,
            {
                "AwsSolutions-EC29": "Set up anew from code in minutes: there is nothing on it to protect",
            },
        )
