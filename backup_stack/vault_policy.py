"""Who may not touch what a vault holds: everybody but the break-glass role, whatever their own policies allow.

Nothing here denies a backup, a copy or a restore. Two statements, because CloudFormation must be able to write this very
policy, and the lock, when it deploys; it still may not delete what they protect. Its role can be taken by CloudFormation alone.
Both carry the three actions that Backup Audit Manager looks for in one statement; its control is told of both exceptions.
"""

from __future__ import annotations

from aws_cdk.aws_iam import AnyPrincipal, Effect, PolicyDocument, PolicyStatement

from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.vault_protection import AUDITED, BY_NO_DEPLOYMENT, WRITTEN_BY_DEPLOYMENTS


def exempt(strategy: Strategy, region: str) -> list[str]:
    """Who the vaults' policies leave a way open for."""
    return [strategy.vault.break_glass, names.deployment_role_arn(region, strategy.account)]


def vault_policy(strategy: Strategy, region: str) -> PolicyDocument:
    return PolicyDocument(
        statements=[
            _refuse_all_but([strategy.vault.break_glass], "OnlyBreakGlassDeletes", BY_NO_DEPLOYMENT),
            _refuse_all_but(
                exempt(strategy, region), "OnlyDeploymentsChangeThisPolicy", sorted({*AUDITED, *WRITTEN_BY_DEPLOYMENTS})
            ),
        ]
    )


def _refuse_all_but(principals: list[str], sid: str, actions: tuple[str, ...] | list[str]) -> PolicyStatement:
    return PolicyStatement(
        sid=sid,
        effect=Effect.DENY,
        principals=[AnyPrincipal()],
        actions=list(actions),
        resources=["*"],  # in a vault's policy: this vault and what is in it
        conditions={"ArnNotEquals": {"aws:PrincipalArn": principals}},
    )
