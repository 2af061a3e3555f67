"""One AWS Backup restore job, from its start until it has ended, as states of a store's branch.

AWS Backup has no `.sync` integration: the job is polled. The plan's id is the idempotency token, so that a plan started
again joins the job that is already there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable, TaskStateBase, Wait, WaitTime
from constructs import Construct

from dr_stack.workflow.tasks import ANY, CAUGHT, NO_RESOURCE, call
from strategy import Strategy, naming

POLL = timedelta(minutes=1)
LIMIT = timedelta(hours=12)
"""The recovery time that is promised: a restore still under way after it is a failure to tell people about."""
POLLS = LIMIT // POLL

_RECOVERY_POINTS = {"RDS": "arn:aws:rds:{region}:{account}:snapshot:awsbackup:*"}
_OWN_RECOVERY_POINTS = "arn:aws:backup:{region}:{account}:recovery-point:*"
"""RDS snapshots keep RDS's ARN; of what AWS Backup manages fully, DynamoDB included, the points have its own."""


class RestoreJob(Construct):
    """Enter at `start`. `problem` is where a failure goes, with the variable `problem` saying what it was."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        store: str,
        resource_type: str,
        metadata: Mapping[str, str],
        problem: IChainable,
    ) -> None:
        super().__init__(scope, construct_id)
        account = strategy.account
        role = naming.role_arn(strategy.prefix, "restore", region, account)
        points = _RECOVERY_POINTS.get(resource_type, _OWN_RECOVERY_POINTS).format(region=region, account=account)
        self.start = call(
            self,
            "Start",
            name=f"Start restore of {store}",
            service="backup",
            action="startRestoreJob",
            parameters={
                "RecoveryPointArn": f"{{% $lookup($points, '{store}').recovery_point_arn %}}",
                "IdempotencyToken": f"{{% $plan.plan_id & '-{store}' %}}",
                "IamRoleArn": role,
                "ResourceType": resource_type,
                "Metadata": dict(metadata),
            },
            resources=[points],
            because="Which recovery point is known when it has been chosen; these are AWS Backup's own",
            permissions=[
                PolicyStatement(
                    actions=["iam:PassRole"],
                    resources=[role],
                    conditions={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
                )
            ],
            assign={"jobId": "{% $states.result.RestoreJobId %}", "polls": 0},
        )
        wait = pause(self, f"Wait for restore of {store}")
        describe = call(
            self,
            "Describe",
            name=f"Describe restore of {store}",
            service="backup",
            action="describeRestoreJob",
            parameters={"RestoreJobId": "{% $jobId %}"},
            resources=["*"],
            because=NO_RESOURCE,
            assign={
                "status": "{% $states.result.Status %}",
                "message": "{% $exists($states.result.StatusMessage) ? $states.result.StatusMessage : 'no reason given' %}",
                "polls": "{% $polls + 1 %}",
            },
        )
        self._ended = Choice.jsonata(self, "Ended", state_name=f"Has restore of {store} ended?")
        self._ended.when(
            Condition.jsonata("{% $status in ['FAILED', 'ABORTED'] %}"),
            problem,
            assign=failure("{% 'the restore job ' & $jobId & ' ended ' & $status & ': ' & $message %}", restored=False),
        )
        self._ended.when(
            Condition.jsonata(f"{{% $status != 'COMPLETED' and $polls >= {POLLS} %}}"),
            problem,
            assign=failure(f"{{% 'the restore job ' & $jobId & ' has not ended within {LIMIT}' %}}", restored=False),
        )
        self._ended.when(Condition.jsonata("{% $status != 'COMPLETED' %}"), wait)
        for task in (self.start, describe):
            catch(task, problem, restored=False)
        self.start.next(wait).next(describe).next(self._ended)

    def then(self, state: IChainable) -> None:
        """Where a completed job leads."""
        self._ended.otherwise(state)


def pause(scope: Construct, name: str) -> Wait:
    return Wait.jsonata(scope, "Wait", state_name=name, time=WaitTime.duration(Duration.seconds(POLL.seconds)))


def catch(task: TaskStateBase, problem: IChainable, *, restored: bool) -> None:
    """Whatever a task fails of ends its own branch and leaves the others running."""
    task.add_catch(problem, errors=ANY, assign=failure(f"{{% {CAUGHT} %}}", restored=restored))


def failure(text: str, *, restored: bool) -> dict[str, str | bool]:
    return {"problem": text, "restored": restored}
