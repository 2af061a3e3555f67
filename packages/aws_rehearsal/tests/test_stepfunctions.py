"""Step Functions of the embedded AWS: JSONata, AWS's spelling, and waits that cost no time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.functions import create as create_function
from aws_support.functions import trust
from aws_support.state_machines import REGION, Machine, sdk


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        trust(cloud)
        yield cloud


def caught(next_state: str, *errors: str) -> dict[str, Any]:
    return {"Catch": [{"ErrorEquals": list(errors), "Next": next_state, "Output": "{% $states.errorOutput %}"}]}


KEEP = {"Type": "Pass", "End": True}
CHOICE = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}]}
NESTED = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "A"}}}


# ---------------------------------------------------------------------- waiting
def test_hours_of_waiting_take_no_time_and_appear_in_the_dates(cloud: Cloud) -> None:
    wait = {"Type": "Wait", "Seconds": 3600, "Next": "More"}
    machine = Machine(cloud, {"Wait": wait, "More": {"Type": "Wait", "Seconds": "{% 60 * 60 %}", "End": True}})
    began = time.perf_counter()
    result = machine.run()
    assert time.perf_counter() - began < 600, "two hours were waited for"
    assert timedelta(hours=2) <= result["stopDate"] - result["startDate"] < timedelta(hours=2, minutes=1)


def test_wait_until_a_moment_is_never_early(cloud: Cloud) -> None:
    until = cloud.clock.now() + timedelta(hours=5, milliseconds=700)
    machine = Machine(cloud, {"Wait": {"Type": "Wait", "Timestamp": "{% $states.input.until %}", "End": True}})
    result = machine.run({"until": until.isoformat().replace("+00:00", "Z")})
    assert until <= result["stopDate"] + timedelta(milliseconds=1)
    assert result["stopDate"] < until + timedelta(minutes=1)


def test_poll_loop_in_parallel_with_a_long_wait(cloud: Cloud) -> None:
    poll = {
        "Describe": sdk(
            "dynamodb:describeTable",
            {"TableName": "{% $states.input.table %}"},
            Assign={"status": "{% $states.result.Table.TableStatus %}", "tries": "{% $states.input.tries + 1 %}"},
            Output={"table": "{% $states.input.table %}", "tries": "{% $states.input.tries + 1 %}"},
            Next="Ready",
            **caught("Pause", "DynamoDb.ResourceNotFoundException"),
        ),
        "Ready": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $status = 'ACTIVE' %}", "Next": "Done"}],
            "Default": "Pause",
        },
        "Pause": {
            "Type": "Wait",
            "Seconds": 60,
            "Output": {"table": "polled", "tries": "{% $exists($states.input.tries) ? $states.input.tries : 1 %}"},
            "Next": "Describe",
        },
        "Done": {"Type": "Pass", "Output": {"status": "{% $status %}"}, "End": True},
    }
    del poll["Describe"]["End"]
    long = {"Long": {"Type": "Wait", "Seconds": 3600, "Output": "waited", "End": True}}
    branches = [{"StartAt": next(iter(states)), "States": states} for states in (poll, long)]
    machine = Machine(cloud, {"Both": {"Type": "Parallel", "Branches": branches, "End": True}})
    with cloud.gateway.working():  # or the clock leaps before the execution has begun
        cloud.clock.call_after(timedelta(minutes=10), lambda: make_table(cloud, "polled"))
        execution = machine.start({"table": "polled", "tries": 0})
    result = machine.end(execution)

    assert json.loads(result["output"]) == [{"status": "ACTIVE"}, "waited"]
    assert result["stopDate"] - result["startDate"] >= timedelta(hours=1)
    events = machine.client.get_execution_history(executionArn=result["executionArn"], maxResults=1000)["events"]
    failed = [event for event in events if event["type"] == "TaskFailed"]
    assert len(failed) >= 9, "one look a minute until the table was there"
    assert events[-1]["type"] == "ExecutionSucceeded"


def make_table(cloud: Cloud, name: str) -> None:
    cloud.client("dynamodb", REGION).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_retry_waits_its_intervals_on_the_virtual_clock(cloud: Cloud) -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 600, "BackoffRate": 2, "MaxAttempts": 2}]
    result = Machine(cloud, {"Try": sdk("dynamodb:describeTable", {"TableName": "nowhere"}, Retry=retry)}).run()
    assert result["status"] == "FAILED"
    assert result["error"] == "DynamoDb.ResourceNotFoundException"
    assert timedelta(minutes=30) <= result["stopDate"] - result["startDate"] < timedelta(minutes=31)


def test_state_machine_timeout_is_passed_by_a_leap(cloud: Cloud) -> None:
    result = Machine(cloud, {"Wait": {"Type": "Wait", "Seconds": 7200, "End": True}}, TimeoutSeconds=600).run()
    assert result["status"] == "TIMED_OUT"
    assert result["stopDate"] > result["startDate"]


# ---------------------------------------------------------------------- JSONata
def test_jsonata_with_variables_and_awss_functions(cloud: Cloud) -> None:
    states = {
        "Remember": {
            "Type": "Pass",
            "Assign": {"who": "{% $states.input.name %}", "nothing": None, "deep": {"nothing": None}},
            "Next": "Use",
        },
        "Use": {
            "Type": "Pass",
            "Output": {
                "who": "{% $who & '!' %}",
                "null": "{% $nothing %}",
                "deeper": "{% $deep.nothing %}",
                "half": "{% 7200 / 2 %}",
                "chunks": "{% $partition([1,2,3,4,5], 2) %}",
                "range": "{% $range(0, 10, 5) %}",
                "hash": "{% $hash('a', 'SHA-256') %}",
                "uuid": "{% $length($uuid()) %}",
                "random": "{% $random(1) = $random(1) and $random() < 1 %}",
                "parsed": """{% $parse('{"a": [1]}') %}""",
                "execution": "{% $states.context.Execution.Name %}",
                "started": "{% $toMillis($states.context.Execution.StartTime) > 0 %}",
            },
            "End": True,
        },
    }
    machine = Machine(cloud, states)
    output = json.loads(machine.end(machine.start({"name": 'O"Neil \\ $x'}, name="named"))["output"])
    assert output == {
        "who": 'O"Neil \\ $x!',
        "null": None,
        "deeper": None,
        "half": 3600,
        "chunks": [[1, 2], [3, 4], [5]],
        "range": [0, 5, 10],
        "hash": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "uuid": 36,
        "random": True,
        "parsed": {"a": [1]},
        "execution": "named",
        "started": True,
    }


def test_output_sees_the_variables_as_the_state_was_entered_with_them(cloud: Cloud) -> None:
    both = {"Assign": {"n": "{% $n + 1 %}"}, "Output": {"seen": "{% $n %}"}}
    new = {"Assign": {"new": "{% $n %}"}, "Output": {"new": "{% $exists($new) %}"}}
    choices = [{"Condition": "{% $n = 3 %}", "Next": "Fail"} | both]
    states: dict[str, Any] = {
        "Begin": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Pass"},
        "Pass": {"Type": "Pass", "Next": "Task"} | both,
        "Task": sdk("dynamodb:listTables", {}, Next="Choose") | both,
        "Choose": {"Type": "Choice", "Choices": choices, "Default": "Begin"},
        "Fail": sdk("dynamodb:describeTable", {"TableName": "nowhere"}, Next="End")
        | {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Wait"} | both]},
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "New"} | both,
        "New": {"Type": "Pass", "Next": "End"} | new,
        "End": {"Type": "Pass", "Output": {"n": "{% $n %}", "new": "{% $new %}", "before": "{% $states.input %}"}, "End": True},
    }
    for state in ("Task", "Fail"):
        del states[state]["End"]
    machine = Machine(cloud, states)
    execution = machine.start()
    assert json.loads(machine.end(execution)["output"]) == {"n": 6, "new": 6, "before": {"new": False}}
    entered = {each["name"]: json.loads(each["input"]) for each in machine.entered(execution)}
    seen = {name: document["seen"] for name, document in entered.items() if "seen" in document}
    assert seen == {"Task": 1, "Choose": 2, "Fail": 3, "Wait": 4, "New": 5}, "each of them before its own addition"


def test_a_history_comes_in_pages_from_either_end(cloud: Cloud) -> None:
    states = {f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(5)}
    machine = Machine(cloud, states | {"S5": {"Type": "Pass", "End": True}})
    execution = machine.start()
    machine.end(execution)
    pages = machine.client.get_paginator("get_execution_history")

    def ids(**options: Any) -> list[list[int]]:
        return [[event["id"] for event in page["events"]] for page in pages.paginate(executionArn=execution, **options)]

    (everything,) = ids()
    assert everything == list(range(1, len(everything) + 1))
    size = {"PaginationConfig": {"PageSize": 5}}
    assert ids(**size) == [everything[start : start + 5] for start in range(0, len(everything), 5)]
    assert [event for page in ids(reverseOrder=True, **size) for event in page] == everything[::-1]
    newest = machine.client.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=1)["events"]
    assert [event["type"] for event in newest] == ["ExecutionSucceeded"]
    with pytest.raises(ClientError, match="InvalidToken"):
        machine.client.get_execution_history(executionArn=execution, nextToken="another's")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("$states.input.missing", "returned nothing"),
        ("1 + 'a'", "threw an error"),
        ("$error('no usable recovery point')", "no usable recovery point"),
        ("$eval('1')", "threw an error"),
        ("function($x) { $x }", "unsupported result type"),
    ],
)
@pytest.mark.parametrize("field", ["Arguments", "Output"])
def test_evaluation_errors_can_be_caught(cloud: Cloud, expression: str, text: str, field: str) -> None:
    task = sdk("dynamodb:listTables", {}, **caught("Sorry", "States.QueryEvaluationError"))
    task[field] = {"Limit": f"{{% {expression} %}}"}
    output = Machine(cloud, {"Task": task, "Sorry": KEEP}).output()
    assert output["Error"] == "States.QueryEvaluationError"
    assert text in output["Cause"]


def test_jsonpath_machines_still_run(cloud: Cloud) -> None:
    states = {"List": sdk("dynamodb:listTables", Parameters={"Limit.$": "$.n"}, ResultSelector={"names.$": "$.TableNames"})}
    assert isinstance(Machine(cloud, states, language="JSONPath").output({"n": 1})["names"], list)


# ---------------------------------------------------------------------- spelling
def test_parameters_and_results_in_step_functions_spelling(cloud: Cloud) -> None:
    arguments: dict[str, Any] = {"DbParameterGroupName": "spelled", "DbParameterGroupFamily": "mysql8.0", "Description": "x"}
    arguments["Tags"] = [{"Key": "a", "Value": "b"}]
    states = {
        "Create": sdk("rds:createDBParameterGroup", arguments, Next="Describe"),
        "Describe": sdk("rds:describeDBParameterGroups", {"DbParameterGroupName": "spelled"}),
    }
    del states["Create"]["End"]
    found = Machine(cloud, states).output()["DbParameterGroups"][0]
    assert found["DbParameterGroupName"] == "spelled"
    assert found["DbParameterGroupFamily"] == "mysql8.0"


def test_times_and_streams_become_text(cloud: Cloud) -> None:
    s3 = cloud.client("s3", REGION)
    s3.create_bucket(Bucket="texts", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="texts", Key="manifest.json", Body=b'{"rows": 3}')
    output = Machine(cloud, {"Get": sdk("s3:getObject", {"Bucket": "texts", "Key": "manifest.json"})}).output()
    assert output["Body"] == '{"rows": 3}'
    assert output["LastModified"].endswith("Z")


@pytest.mark.parametrize(
    ("action", "arguments", "error"),
    [
        ("rds:describeDBInstances", {"DbInstanceIdentifier": "nobody"}, "Rds.DbInstanceNotFoundException"),
        ("dynamodb:describeTable", {"TableName": "nobody"}, "DynamoDb.ResourceNotFoundException"),
        ("s3:getObject", {"Bucket": "nobody-has-this", "Key": "k"}, "S3.NoSuchBucketException"),
        ("sfn:describeExecution", {"ExecutionArn": "arn:aws:states:x:1:execution:a:b"}, "Sfn.InvalidArnException"),
        ("cloudformation:describeStacks", {"StackName": "nobody"}, "CloudFormation.CloudFormationException"),
    ],
)
def test_error_names_are_awss(cloud: Cloud, action: str, arguments: Any, error: str) -> None:
    output = Machine(cloud, {"Task": sdk(action, arguments, **caught("Sorry", error)), "Sorry": KEEP}).output()
    assert output["Error"] == error
    assert "Service: " in output["Cause"]


def test_a_misspelled_parameter_fails_the_execution_past_any_catch(cloud: Cloud) -> None:
    task = sdk("rds:describeDBInstances", {"DBInstanceIdentifier": "x"}, **caught("Sorry", "States.ALL"))
    result = Machine(cloud, {"Task": task, "Sorry": KEEP}).run()
    assert (result["status"], result["error"]) == ("FAILED", "States.Runtime")
    assert "DBInstanceIdentifier" in result["cause"]


@pytest.mark.parametrize("action", ["dynamodb:describeTabel", "rds:describeDbInstances", "events:putEvents", "nonesuch:list"])
def test_unknown_actions_are_refused_when_the_machine_is_created(cloud: Cloud, action: str) -> None:
    with pytest.raises(ClientError, match="InvalidDefinition"):
        Machine(cloud, {"Task": sdk(action, {})})


def refusal(cloud: Cloud, definition: Any) -> str:
    text = definition if isinstance(definition, str) else json.dumps({"QueryLanguage": "JSONata", **definition})
    with pytest.raises(ClientError, match="InvalidDefinition") as caught:
        cloud.client("stepfunctions", REGION).create_state_machine(
            name="refused", definition=text, roleArn=f"arn:aws:iam::{ACCOUNT}:role/function"
        )
    return str(caught.value)


@pytest.mark.parametrize(
    ("states", "code", "where"),
    [
        ({"A": {"Type": "Pass", "Next": "B"}}, "MISSING_TRANSITION_TARGET", "/States/A/Next"),
        ({"A": KEEP, "B": KEEP}, "MISSING_TRANSITION_TARGET", "/States/B"),
        (
            {"A": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}]}},
            "MISSING_TRANSITION_TARGET",
            "/States/A",
        ),
        ({"A": {"Type": "Choice", "Choices": [], "Default": "B"}}, "MISSING_TRANSITION_TARGET", "/States/A/Default"),
        ({"A": {**KEEP, "Next": "A"}}, "SCHEMA_VALIDATION_FAILED", "/States/A"),
        ({"A": {"Type": "Pass"}}, "SCHEMA_VALIDATION_FAILED", "/States/A"),
        ({"A": {"Type": "Pause", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Type"),
        ({"A": {**KEEP, "InputPath": "$"}}, "SCHEMA_VALIDATION_FAILED", "'InputPath'"),
        ({"A": {**KEEP, "Arguments": {}}}, "SCHEMA_VALIDATION_FAILED", "'Arguments'"),
        ({"A": {"Type": "Task", "End": True}}, "SCHEMA_VALIDATION_FAILED", "'Resource'"),
        ({"A": {"Type": "Task", "Resource": "nothing", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Resource"),
        (
            {
                "A": {
                    "Type": "Parallel",
                    "End": True,
                    "Branches": [NESTED],
                }
            },
            "MISSING_TRANSITION_TARGET",
            "/States/A/Branches/0/States/B/Next",
        ),
        (
            {"A": {"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "A", "States": {"A": KEEP}}}},
            "DUPLICATE_STATE_NAME",
            "/States/A/ItemProcessor/States/A",
        ),
        ({}, "SCHEMA_VALIDATION_FAILED", "'States'"),
    ],
)
def test_a_definition_that_cannot_run_is_refused_when_it_is_created(
    cloud: Cloud, states: dict[str, Any], code: str, where: str
) -> None:
    said = refusal(cloud, {"StartAt": "A", "States": states})
    assert code in said
    assert where in said


def test_a_definition_is_json_and_says_where_it_starts(cloud: Cloud) -> None:
    assert "INVALID_JSON_DESCRIPTION" in refusal(cloud, "{")
    assert "'StartAt'" in refusal(cloud, {"States": {"A": KEEP}})
    assert "/StartAt" in refusal(cloud, {"StartAt": "B", "States": {"A": KEEP}})


def test_each_query_language_has_its_own_fields(cloud: Cloud) -> None:
    states = {"A": {"Type": "Pass", "Parameters": {"x": 1}, "End": True}}
    assert "'Parameters'" in refusal(cloud, {"StartAt": "A", "States": states})
    assert Machine(cloud, states, language="JSONPath").output() == {"x": 1}
    mixed = {"A": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "End": True}}
    assert Machine(cloud, mixed, language="JSONPath").output() == 1


# ---------------------------------------------------------------------- Lambda and callbacks
CHECK = """
class RowsDiffer(Exception):
    pass


def handler(event, context):
    if event.get("token"):
        import boto3
        boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='{"approved": true}')
        return
    if event["rows"] != 3:
        raise RowsDiffer(f"expected 3 rows, found {event['rows']}")
    return {"verified": True}
"""


@pytest.fixture(scope="module")
def check(cloud: Cloud) -> str:
    return create_function(cloud, "check", {"check.py": CHECK}, Handler="check.handler")


def invoke(function: str, payload: Any, *, suffix: str = "", **more: Any) -> dict[str, Any]:
    arguments = {"FunctionName": function, "Payload": payload}
    resource = f"arn:aws:states:::lambda:invoke{suffix}"
    return {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True} | more


def test_lambda_invoke_answers_with_its_payload(cloud: Cloud, check: str) -> None:
    output = Machine(cloud, {"Check": invoke(check, {"rows": "{% $states.input.n %}"})}).output({"n": 3})
    assert output["Payload"] == {"verified": True}
    assert output["StatusCode"] == 200


def test_function_arn_as_resource_answers_with_the_payload_itself(cloud: Cloud, check: str) -> None:
    task = {"Type": "Task", "Resource": check, "Arguments": {"rows": 3}, "End": True}
    assert Machine(cloud, {"Check": task}).output() == {"verified": True}


def test_a_functions_exception_is_an_error_by_its_class_name(cloud: Cloud, check: str) -> None:
    states = {"Check": invoke(check, {"rows": 2}, **caught("Sorry", "RowsDiffer")), "Sorry": KEEP}
    output = Machine(cloud, states).output()
    assert output["Error"] == "RowsDiffer"
    assert json.loads(output["Cause"])["errorMessage"] == "expected 3 rows, found 2"


def test_task_token_comes_back(cloud: Cloud, check: str) -> None:
    payload = {"token": "{% $states.context.Task.Token %}"}
    assert Machine(cloud, {"Ask": invoke(check, payload, suffix=".waitForTaskToken")}).output() == {"approved": True}


def test_an_unanswered_token_times_out_only_when_time_passes(cloud: Cloud) -> None:
    make_queue(cloud)
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {
            "QueueUrl": f"{cloud.endpoint}/{ACCOUNT}/approvals",
            "MessageBody": {"token": "{% $states.context.Task.Token %}"},
        },
        "TimeoutSeconds": 3600,
        "End": True,
    }
    machine = Machine(cloud, {"Ask": ask})
    execution = machine.start()
    time.sleep(0.4)
    assert machine.describe(execution)["status"] == "RUNNING"
    cloud.clock.advance_to(cloud.clock.now() + timedelta(hours=1, minutes=1))
    result = machine.end(execution)
    assert (result["status"], result["error"]) == ("FAILED", "States.Timeout")


def make_queue(cloud: Cloud) -> None:
    cloud.client("sqs", REGION).create_queue(QueueName="approvals")


def test_one_machine_runs_another_to_its_end(cloud: Cloud) -> None:
    child = Machine(cloud, {"Wait": {"Type": "Wait", "Seconds": 3600, "Output": {"child": "done"}, "End": True}})
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {"StateMachineArn": child.arn, "Input": {"a": 1}},
        "End": True,
    }
    output = Machine(cloud, {"Start": start}).output()
    assert output["Status"] == "SUCCEEDED"
    assert output["Output"] == {"child": "done"}
    assert output["Input"] == {"a": 1}


def test_unknown_token_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="InvalidToken"):
        cloud.client("stepfunctions", REGION).send_task_success(taskToken="nobody's", output="{}")


def test_sdk_start_execution_returns_at_once(cloud: Cloud) -> None:
    child = Machine(cloud, {"Pass": KEEP})
    output = Machine(cloud, {"Start": sdk("sfn:startExecution", {"StateMachineArn": child.arn, "Input": "{}"})}).output()
    assert output["ExecutionArn"].startswith(child.arn.replace(":stateMachine:", ":execution:"))
    assert output["StartDate"].endswith("Z")


# ---------------------------------------------------------------------- the API
def test_execution_names_are_unique_and_starting_is_idempotent(cloud: Cloud) -> None:
    machine = Machine(cloud, {"Ask": {"Type": "Wait", "Seconds": 10**8, "End": True}})
    with cloud.gateway.working():  # keeps the clock from leaping over the wait
        first = machine.start({"plan": 1}, name="plan-1-1")
        assert machine.start({"plan": 1}, name="plan-1-1") == first
        with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
            machine.start({"plan": 2}, name="plan-1-1")
        machine.client.stop_execution(executionArn=first, error="Operator", cause="wrong plan")
        result = machine.end(first)
    assert (result["status"], result["error"], result["cause"]) == ("ABORTED", "Operator", "wrong plan")
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machine.start({"plan": 1}, name="plan-1-1")
    with pytest.raises(ClientError, match="InvalidName"):
        machine.start({}, name="no spaces")


def test_unnamed_executions_get_names_of_their_own(cloud: Cloud) -> None:
    machine = Machine(cloud, {"Pass": KEEP})
    executions = {machine.start() for _ in range(3)}
    assert len(executions) == 3
    for each in executions:
        machine.end(each)
    listed = machine.client.list_executions(stateMachineArn=machine.arn, statusFilter="SUCCEEDED")["executions"]
    assert {each["executionArn"] for each in listed} == executions


def test_credentials_are_valid_in_real_and_in_virtual_time(cloud: Cloud) -> None:
    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=1))
    arn = f"arn:aws:iam::{ACCOUNT}:role/function"
    credentials = cloud.client("sts", REGION).assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    real = time_machine.escape_hatch.time.time()
    assert credentials["Expiration"].timestamp() > max(real, cloud.clock.now().timestamp()) + 3000


def every_piece(*states: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A Distributed Map over the variable `pieces`, whose items go through these states."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": states[0][0],
        "States": dict(states),
    }
    return {"Type": "Map", "Items": "{% $pieces %}", "ItemProcessor": processor, "MaxConcurrency": 2} | more


SET = {"Type": "Pass", "Assign": {"store": "mysql", "pieces": [{"n": 0}, {"n": 1}, {"n": 2}]}, "Next": "Map"}
ANSWER = {"Type": "Pass", "Output": {"measured": "{% $measured %}", "store": "{% $store %}"}, "End": True}


def test_a_distributed_map_answers_in_order_and_its_items_see_what_is_selected_for_them(cloud: Cloud) -> None:
    one = {"Type": "Pass", "Output": "{% $string($states.input.piece.n) & $states.input.store %}", "End": True}
    selected = {"piece": "{% $states.context.Map.Item.Value %}", "store": "{% $store %}"}
    pieces = every_piece(("One", one), ItemSelector=selected, Assign={"measured": "{% $states.result %}"}, Next="End")
    assert Machine(cloud, {"Set": SET, "Map": pieces, "End": ANSWER}).output() == {
        "measured": ["0mysql", "1mysql", "2mysql"],
        "store": "mysql",
    }


def test_an_item_of_a_distributed_map_sees_no_variable_of_the_execution_that_started_it(cloud: Cloud) -> None:
    one = {"Type": "Pass", "Output": "{% $exists($store) %}", "End": True}
    pieces = every_piece(("One", one), Assign={"measured": "{% $states.result %}"}, Next="End")
    assert Machine(cloud, {"Set": SET, "Map": pieces, "End": ANSWER}).output()["measured"] == [False, False, False]


def test_one_failed_item_fails_a_distributed_map(cloud: Cloud) -> None:
    fails = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.n = 1 %}", "Next": "Bad"}], "Default": "Good"}
    states = (("Which", fails), ("Bad", {"Type": "Fail", "Error": "Own"}), ("Good", KEEP))
    pieces = every_piece(*states, Assign={"measured": "{% $states.result %}"}, Next="End")
    failed = Machine(cloud, {"Set": SET, "Map": pieces, "End": ANSWER}).run()
    assert (failed["status"], failed["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    tolerant = Machine(cloud, {"Set": SET, "Map": pieces | {"ToleratedFailureCount": 1}, "End": ANSWER}).run()
    assert tolerant["status"] == "SUCCEEDED"
    caught_it = Machine(cloud, {"Set": SET, "Map": pieces | caught("Kept", "States.ALL"), "End": ANSWER, "Kept": KEEP}).output()
    assert caught_it["Error"] == "States.ExceedToleratedFailureThreshold"
