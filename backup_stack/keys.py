"""Keys that recovery points and replicated backups are encrypted with: without the key they cannot be restored, ever.

So a key is harder to end than to make: only the break-glass role may disable it or schedule its deletion, and `Tampering` says
aloud that somebody tried. CloudFormation may still rewrite the policy, or it could not deploy this statement's next version.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk.aws_iam import AnyPrincipal, Effect, PolicyStatement
from aws_cdk.aws_kms import Key, KeySpec, KeyUsage
from constructs import Construct

from strategy import Strategy
from strategy.catalogue import names

ENDING = ("kms:DisableKey", "kms:ScheduleKeyDeletion")
"""Calls after which the key encrypts, and decrypts, nothing any more."""


class LastingKey(Key):
    """A key of one region, known to people by its alias."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        purpose: str,
        description: str,
        signs: bool = False,
    ) -> None:
        """One that `signs` does nothing else, and keeps its material: KMS rotates no such key."""
        super().__init__(
            scope,
            construct_id,
            alias=names.key_alias(strategy.prefix, purpose),
            description=description,
            enable_key_rotation=None if signs else True,
            key_spec=KeySpec.ECC_NIST_P256 if signs else None,
            key_usage=KeyUsage.SIGN_VERIFY if signs else None,
            removal_policy=RemovalPolicy.RETAIN,
        )
        break_glass = strategy.vault.break_glass
        deployment = names.deployment_role_arn(region, strategy.account)
        self._refuse_all_but([break_glass], "OnlyBreakGlassEndsThisKey", ENDING)
        self._refuse_all_but([break_glass, deployment], "OnlyDeploymentsChangeThisPolicy", ("kms:PutKeyPolicy",))

    def _refuse_all_but(self, principals: list[str], sid: str, actions: tuple[str, ...]) -> None:
        self.add_to_resource_policy(
            PolicyStatement(
                sid=sid,
                effect=Effect.DENY,
                principals=[AnyPrincipal()],
                actions=list(actions),
                resources=["*"],  # in a key policy: this key
                conditions={"ArnNotEquals": {"aws:PrincipalArn": principals}},
            )
        )
