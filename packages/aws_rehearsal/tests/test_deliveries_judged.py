"""What AWS does by itself is asked of the target's policy, or of the role that it is given: rules, topics and alarms."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_rehearsal.events import delivery, outbox
from aws_support.functions import create as create_function
from aws_support.functions import trust as trust_functions
from aws_support.state_machines import Machine

REGION = "ap-southeast-1"
EVENT = {"Source": "bank.jobs", "DetailType": "Job", "Detail": json.dumps({"state": "FAILED"})}
HANDLER = {"probe.py": "def handler(event, context):\n    return None\n"}
PASS = {"Done": {"Type": "Pass", "End": True}}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud") / "cloud") as cloud:
        trust_functions(cloud)
        yield cloud


@pytest.fixture(autouse=True)
def _no_failures(cloud: Cloud) -> None:  # noqa: ARG001  delivery() is the running cloud's
    delivery().failures.clear()


def unique(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def lets(service: str, action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return found | ({"Condition": condition} if condition else {})


def settle(cloud: Cloud) -> None:
    """Until everything on its way has arrived."""
    cloud.clock.advance_to(cloud.clock.now() + timedelta(seconds=1))


class Queue:
    """A new queue with these statements in its policy."""

    def __init__(self, cloud: Cloud, *statements: dict[str, Any], key: str = "") -> None:
        self._cloud, self._client, name = cloud, cloud.client("sqs", REGION), unique("queue")
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        attributes = {"Policy": document(*statements)} if statements else {}
        attributes |= {"KmsMasterKeyId": key} if key else {}
        self._url = self._client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def let(self, *statements: dict[str, Any]) -> None:
        self._client.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": document(*statements)})

    def received(self) -> list[dict[str, Any]]:
        settle(self._cloud)
        found = self._client.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return list(found.get("Messages", []))


class Topic:
    """A new topic that mails to an address of its own. `policy`: None for the one that SNS gives to each."""

    def __init__(self, cloud: Cloud, *statements: dict[str, Any], key: str = "") -> None:
        self._cloud, self._client, self.address = cloud, cloud.client("sns", REGION), f"{unique('to')}@bank.example"
        attributes = {"KmsMasterKeyId": key} if key else {}
        self.arn = self._client.create_topic(Name=unique("topic"), Attributes=attributes)["TopicArn"]
        self._client.subscribe(TopicArn=self.arn, Protocol="email", Endpoint=self.address)
        if statements:
            self.let(*statements)

    def let(self, *statements: dict[str, Any]) -> None:
        self._client.set_topic_attributes(TopicArn=self.arn, AttributeName="Policy", AttributeValue=document(*statements))

    def mails(self) -> int:
        settle(self._cloud)
        return sum(mail.endpoint == self.address for mail in outbox(self._cloud, REGION))


class Rule:
    """A rule for events of a source of its own."""

    def __init__(self, cloud: Cloud, arn: str, **target: Any) -> None:
        self._client, self.name, self._source = cloud.client("events", REGION), unique("rule"), unique("source")
        self.arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{self.name}"
        self._client.put_rule(Name=self.name, EventPattern=json.dumps({"source": [self._source]}))
        self._client.put_targets(Rule=self.name, Targets=[{"Id": "target", "Arn": arn} | target])

    def fire(self) -> None:
        self._client.put_events(Entries=[EVENT | {"Source": self._source}])


def key(cloud: Cloud, *statements: dict[str, Any]) -> str:
    owner = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    return str(cloud.client("kms", REGION).create_key(Policy=document(owner, *statements))["KeyMetadata"]["Arn"])


def role(cloud: Cloud, trusted: str, *statements: dict[str, Any], **condition: Any) -> str:
    iam, name = cloud.client("iam", REGION), unique("role")
    trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    trust |= {"Condition": condition} if condition else {}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return str(arn)


def denied(cloud: Cloud, principal: str, action: str, resource: str) -> bool:
    """Whether the guard counted a refusal, and no more than that."""
    found = {
        each.allowed for each in cloud.guard.judged if (each.role, each.action, each.resource) == (principal, action, resource)
    }
    return found == {False}


def failed_invocations(cloud: Cloud, rule: Rule) -> float:
    moment = cloud.clock.now()
    found = cloud.client("cloudwatch", REGION).get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="FailedInvocations",
        Dimensions=[{"Name": "RuleName", "Value": rule.name}],
        StartTime=moment - timedelta(hours=1),
        EndTime=moment + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(float(each["Sum"]) for each in found["Datapoints"])


# ---------------------------------------------------------------------- rules
def test_a_rule_sends_only_to_a_queue_whose_policy_names_it(cloud: Cloud) -> None:
    target, dead = Queue(cloud), Queue(cloud)
    rule = Rule(cloud, target.arn, DeadLetterConfig={"Arn": dead.arn})
    dead.let(lets("events.amazonaws.com", "sqs:SendMessage", dead.arn, ArnEquals={"aws:SourceArn": rule.arn}))
    rule.fire()
    (letter,) = dead.received()
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert (attributes["RULE_ARN"], attributes["TARGET_ARN"]) == (rule.arn, target.arn)
    assert target.received() == []
    assert failed_invocations(cloud, rule) == 1
    assert denied(cloud, "events.amazonaws.com", "sqs:SendMessage", target.arn)
    other = f"{rule.arn}-other"
    target.let(lets("events.amazonaws.com", "sqs:SendMessage", target.arn, ArnEquals={"aws:SourceArn": other}))
    rule.fire()
    assert target.received() == []
    target.let(lets("events.amazonaws.com", "sqs:SendMessage", target.arn, ArnEquals={"aws:SourceArn": rule.arn}))
    rule.fire()
    assert len(target.received()) == 1


def test_a_dead_letter_queue_too_must_let_the_rule_in(cloud: Cloud) -> None:
    target, dead = Queue(cloud), Queue(cloud)
    Rule(cloud, target.arn, DeadLetterConfig={"Arn": dead.arn}).fire()
    assert dead.received() == []
    assert [each.target for each in delivery().failures] == [target.arn, dead.arn]


def test_a_rule_publishes_only_to_a_topic_whose_policy_names_it_without_a_condition(cloud: Cloud) -> None:
    topic = Topic(cloud)  # the policy that SNS gives lets in CloudWatch, and not EventBridge
    rule = Rule(cloud, topic.arn)
    rule.fire()
    assert topic.mails() == 0
    topic.let(lets("events.amazonaws.com", "sns:Publish", topic.arn, StringEquals={"aws:SourceAccount": ACCOUNT}))
    rule.fire()
    assert topic.mails() == 0
    topic.let(lets("events.amazonaws.com", "sns:Publish", topic.arn))
    rule.fire()
    assert topic.mails() == 1


@pytest.mark.parametrize("actions", [(), ("kms:Decrypt",), ("kms:GenerateDataKey*",)])
def test_a_rule_needs_the_key_of_its_topic(cloud: Cloud, actions: tuple[str, ...]) -> None:
    topic = Topic(cloud, key=key(cloud, *(lets("events.amazonaws.com", action) for action in actions)))
    topic.let(lets("events.amazonaws.com", "sns:Publish", topic.arn))
    Rule(cloud, topic.arn).fire()
    assert topic.mails() == 0


def test_a_rule_that_may_use_the_key_of_its_topic_publishes(cloud: Cloud) -> None:
    use = [lets("events.amazonaws.com", f"kms:{each}") for each in ("Decrypt", "GenerateDataKey")]
    topic = Topic(cloud, key=key(cloud, *use))
    topic.let(lets("events.amazonaws.com", "sns:Publish", topic.arn))
    Rule(cloud, topic.arn).fire()
    assert topic.mails() == 1


def test_a_rule_invokes_only_a_function_that_permits_it(cloud: Cloud) -> None:
    function = create_function(cloud, unique("function"), HANDLER, Handler="probe.handler")
    rule = Rule(cloud, function)
    rule.fire()
    settle(cloud)
    assert [each.target for each in delivery().failures] == [function]
    assert denied(cloud, "events.amazonaws.com", "lambda:InvokeFunction", function)
    cloud.client("lambda", REGION).add_permission(
        FunctionName=function,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule.arn,
    )
    delivery().failures.clear()
    rule.fire()
    settle(cloud)
    assert delivery().failures == []


def test_a_rule_starts_a_state_machine_as_its_role_alone(cloud: Cloud) -> None:
    machine = Machine(cloud, PASS).arn
    states = cloud.client("stepfunctions", REGION)

    def executions() -> int:
        settle(cloud)
        return len(states.list_executions(stateMachineArn=machine)["executions"])

    start = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}
    with pytest.raises(ClientError, match="RoleArn is required for target"):
        Rule(cloud, machine)
    gone = f"arn:aws:iam::{ACCOUNT}:role/gone"
    elsewhere = {"aws:SourceAccount": "999999999999"}
    for given in (
        gone,
        role(cloud, "events.amazonaws.com"),
        role(cloud, "scheduler.amazonaws.com", start),
        role(cloud, "events.amazonaws.com", start, StringEquals=elsewhere),
    ):
        Rule(cloud, machine, RoleArn=given).fire()
        assert executions() == 0, given
    assert len(delivery().failures) == 4
    ours = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/*"}}
    Rule(cloud, machine, RoleArn=role(cloud, "events.amazonaws.com", start, **ours)).fire()
    assert executions() == 1


# ---------------------------------------------------------------------- topics
def test_a_topic_sends_only_to_a_queue_that_lets_it_in(cloud: Cloud) -> None:
    sns, target, dead = cloud.client("sns", REGION), Queue(cloud), Queue(cloud)
    topic = Topic(cloud)
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead.arn})}
    sns.subscribe(TopicArn=topic.arn, Protocol="sqs", Endpoint=target.arn, Attributes=redrive)
    sns.publish(TopicArn=topic.arn, Message="lost")
    assert target.received() == dead.received() == []
    condition = {"ArnEquals": {"aws:SourceArn": topic.arn}}
    dead.let(lets("sns.amazonaws.com", "sqs:SendMessage", dead.arn, **condition))
    sns.publish(TopicArn=topic.arn, Message="dead")
    (letter,) = dead.received()
    assert json.loads(letter["Body"])["Message"] == "dead"
    target.let(lets("sns.amazonaws.com", "sqs:SendMessage", target.arn, **condition))
    sns.publish(TopicArn=topic.arn, Message="arrived")
    (message,) = target.received()
    assert json.loads(message["Body"])["Message"] == "arrived"


def test_a_topic_needs_the_key_of_its_queue(cloud: Cloud) -> None:
    sns, topic = cloud.client("sns", REGION), Topic(cloud)
    use = [lets("sns.amazonaws.com", f"kms:{each}") for each in ("Decrypt", "GenerateDataKey")]
    closed, opened = Queue(cloud, key=key(cloud)), Queue(cloud, key=key(cloud, *use))
    managed = Queue(cloud, key="alias/aws/sqs")
    for queue in (closed, opened, managed):
        queue.let(lets("sns.amazonaws.com", "sqs:SendMessage", queue.arn))
        sns.subscribe(TopicArn=topic.arn, Protocol="sqs", Endpoint=queue.arn)
    sns.publish(TopicArn=topic.arn, Message="here")
    assert [len(queue.received()) for queue in (closed, opened, managed)] == [0, 1, 0]


def test_a_topic_invokes_only_a_function_that_permits_it(cloud: Cloud) -> None:
    sns, topic = cloud.client("sns", REGION), Topic(cloud)
    function = create_function(cloud, unique("function"), HANDLER, Handler="probe.handler")
    sns.subscribe(TopicArn=topic.arn, Protocol="lambda", Endpoint=function)
    sns.publish(TopicArn=topic.arn, Message="lost")
    settle(cloud)
    assert [each.target for each in delivery().failures] == [function]
    assert denied(cloud, "sns.amazonaws.com", "lambda:InvokeFunction", function)


# ---------------------------------------------------------------------- alarms
def alarm(cloud: Cloud, topic: Topic) -> tuple[str, list[dict[str, Any]]]:
    """The ARN of a new alarm that went off, and its history of actions."""
    cloudwatch, name = cloud.client("cloudwatch", REGION), unique("alarm")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Bank",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic.arn],
    )
    cloudwatch.put_metric_data(Namespace="Bank", MetricData=[{"MetricName": name, "Value": 1}])
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=2))
    items = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")["AlarmHistoryItems"]
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}", items


# ---------------------------------------------------------------------- functions
FAILING = {"probe.py": "def handler(event, context):\n    raise ValueError(event)\n"}


def failing(cloud: Cloud, destination: str, *may: dict[str, Any]) -> str:
    """A function that fails, with a destination for that, in a role of its own: the role's ARN."""
    acts = role(cloud, "lambda.amazonaws.com", *may)
    name = unique("failing")
    create_function(cloud, name, FAILING, Role=acts)
    client = cloud.client("lambda", REGION)
    client.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": destination}})
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=10))
    return acts


def test_a_function_s_failure_goes_to_a_destination_that_its_role_may_send_to(cloud: Cloud) -> None:
    topic = Topic(cloud)
    failing(cloud, topic.arn, {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic.arn})
    assert topic.mails() == 1


@pytest.mark.parametrize("other", ["nothing", "another topic"])
def test_a_function_s_failure_goes_nowhere_that_its_role_may_not_send_to(cloud: Cloud, other: str) -> None:
    topic = Topic(cloud)
    may = {"Effect": "Allow", "Action": "sns:Publish", "Resource": Topic(cloud).arn}
    acts = failing(cloud, topic.arn, *([may] if other == "another topic" else []))
    assert topic.mails() == 0
    refused = [each for each in cloud.guard.judged if each.resource == topic.arn and each.action == "sns:Publish"]
    assert [(each.allowed, acts.rpartition("/")[2] in each.role) for each in refused] == [(False, True)]


def test_a_function_needs_the_key_of_its_destination(cloud: Cloud) -> None:
    queue = Queue(cloud, key=key(cloud))
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue.arn}
    failing(cloud, queue.arn, send)
    assert queue.received() == []
    failing(cloud, queue.arn, send, {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"})
    assert len(queue.received()) == 1


def test_an_alarm_publishes_to_a_topic_with_the_policy_that_sns_gives(cloud: Cloud) -> None:
    topic = Topic(cloud)
    _, (action,) = alarm(cloud, topic)
    assert topic.mails() == 1
    assert action["HistorySummary"] == f"Successfully executed action {topic.arn}"


@pytest.mark.parametrize("condition", [{}, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}])
def test_an_alarm_publishes_to_a_topic_that_names_cloudwatch(cloud: Cloud, condition: dict[str, Any]) -> None:
    topic = Topic(cloud)
    topic.let(lets("cloudwatch.amazonaws.com", "sns:Publish", topic.arn, **condition))
    alarm(cloud, topic)
    assert topic.mails() == 1


def test_an_alarm_that_may_not_publish_says_so_in_its_history(cloud: Cloud) -> None:
    topic = Topic(cloud)
    topic.let(lets("events.amazonaws.com", "sns:Publish", topic.arn))
    arn, (action,) = alarm(cloud, topic)
    assert topic.mails() == 0
    said = f"Resource: {arn} is not authorized to perform: SNS:Publish on resource: {topic.arn}"
    assert action["HistorySummary"] == f'Failed to execute action {topic.arn}. Received error: "{said}"'
    assert json.loads(action["HistoryData"])["actionState"] == "Failed"
    assert denied(cloud, "cloudwatch.amazonaws.com", "sns:Publish", topic.arn)


def test_an_alarm_needs_the_key_of_its_topic(cloud: Cloud) -> None:
    for closed in (Topic(cloud, key=key(cloud)), Topic(cloud, key="alias/aws/sns")):
        _, (action,) = alarm(cloud, closed)
        assert closed.mails() == 0
        assert "CloudWatch Alarms does not have authorization to access the SNS topic encryption key." in action["HistorySummary"]
    use = [lets("cloudwatch.amazonaws.com", f"kms:{each}") for each in ("Decrypt", "GenerateDataKey*")]
    opened = Topic(cloud, key=key(cloud, *use))
    alarm(cloud, opened)
    assert opened.mails() == 1
