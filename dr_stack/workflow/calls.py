"""Two calls that workflows share: keep a record in the region's evidence bucket, and tell the people on its alert topic."""

from __future__ import annotations

from aws_cdk.aws_stepfunctions_tasks import CallAwsService
from constructs import Construct

from components.tasks import call
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.routes import Step


def keep_record(scope: Construct, *, strategy: Strategy, region: str, folder: str, named: str, because: str) -> CallAwsService:
    """Writes the variable `record`. `named` is the expression of its name in `folder`; `because` says what it is named for."""
    bucket = names.evidence_bucket(strategy.prefix, region, strategy.account)
    return call(
        scope,
        "Write",
        name=Step.RECORD.value,
        service="s3",
        action="putObject",
        parameters={
            "Bucket": bucket,
            "Key": f"{{% '{folder}/' & {named} & '.json' %}}",
            "Body": "{% $record %}",  # an object is written as JSON; a string would be quoted once more
            "ContentType": "application/json",
        },
        resources=[f"arn:aws:s3:::{bucket}/{folder}/*"],
        because=f"Every object of one folder: a record is named for {because}",
        assign={},
    )


def tell(
    scope: Construct, *, strategy: Strategy, region: str, subject: str, message: str, name: str = "Tell the people"
) -> CallAwsService:
    """`subject` and `message` as Step Functions takes them; `name` is the state's."""
    topic = names.alert_topic_arn(strategy.prefix, region, strategy.account)
    return call(
        scope,
        "Tell",
        name=name,
        service="sns",
        action="publish",
        parameters={"TopicArn": topic, "Subject": subject, "Message": message},
        resources=[topic],
        assign={},
    )
