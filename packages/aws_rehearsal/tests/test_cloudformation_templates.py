"""CloudFormation of the embedded AWS: templates as text, intrinsic functions, parameters, dynamic references. No cloud needed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from aws_rehearsal.cloudformation import dynamic, graph, parameters, registry
from aws_rehearsal.cloudformation.errors import ResourceFailed, ValidationError
from aws_rehearsal.cloudformation.intrinsics import UNKNOWN
from aws_rehearsal.cloudformation.scope import StackScope, checked
from aws_rehearsal.cloudformation.stack import Resource
from aws_rehearsal.cloudformation.template import EMPTY, Template, parse

REGION = "ap-southeast-1"


def scope(**sections: Any) -> StackScope:
    """A scope with a parameter `Stage`, a resource `Made` that exists and a resource `Coming` that does not."""
    definition = {"Type": "AWS::SNS::Topic"}
    document = {"Resources": {"Made": definition, "Coming": definition}, **sections}
    made = Resource("Made", "AWS::SNS::Topic", "arn:made", {}, {"TopicName": "made"}, "simulated", frozenset(), "CREATE_COMPLETE")
    values = {"Stage": "prod", "Zones": ["a", "b"], "AWS::Region": REGION, "AWS::Partition": "aws"}

    def imported(name: str) -> str:
        return f"imported {name}"

    return StackScope(
        Template("", document), values, {"Made": made}, imported=imported, zones=lambda region: [f"{region or 'own'}-a"]
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Stage"}, "prod"),
        ({"Ref": "Zones"}, ["a", "b"]),
        ({"Ref": "Made"}, "arn:made"),
        ({"Ref": "Coming"}, UNKNOWN),
        ({"Fn::GetAtt": "Made.TopicName"}, "made"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 3, True]]}, "a-prod-3-true"),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
        ({"Fn::Sub": "${AWS::Region}:${Made.TopicName}:${!Literal}"}, f"{REGION}:made:${{Literal}}"),
        ({"Fn::Sub": ["${A}/${Stage}", {"A": {"Ref": "Made"}}]}, "arn:made/prod"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "x,y,z"]}]}, "y"),
        ({"Fn::Select": [0, {"Fn::Split": [":", {"Ref": "Coming"}]}]}, UNKNOWN),
        ({"Fn::Base64": "hi"}, base64.b64encode(b"hi").decode()),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::GetAZs": ""}, ["own-a"]),
        ({"Fn::ImportValue": {"Fn::Sub": "${Stage}-vpc"}}, "imported prod-vpc"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}, {"b": [1]}),
    ],
)
def test_a_function_has_its_value(value: Any, expected: Any) -> None:
    assert scope().evaluator.value(value) == expected


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"Ref": "Nobody"}, "Unresolved resource dependencies"),
        ({"Fn::GetAtt": ["Made", "Colour"]}, "Colour does not exist in Made"),
        ({"Fn::Select": [5, ["a"]]}, "nonexistent value at index 5"),
        ({"Fn::FindInMap": ["M", "a", "b"]}, "Unable to get mapping for M::a::b"),
        ({"Fn::Transform": {}}, "does not know the function Fn::Transform"),
        ({"Fn::If": ["Missing", 1, 2]}, "Unresolved condition dependency Missing"),
        ({"Fn::Sub": "${Zones}"}, "cannot be written into text"),
    ],
)
def test_a_function_that_has_no_value_is_refused(value: Any, complaint: str) -> None:
    with pytest.raises((ValidationError, ResourceFailed), match=complaint):
        scope().evaluator.value(value)


def test_conditions_decide_what_is_wanted_and_which_branch_counts() -> None:
    conditions = {
        "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "NotProd": {"Fn::Not": [{"Condition": "Prod"}]},
        "Both": {"Fn::And": [{"Condition": "Prod"}, {"Fn::Or": [{"Condition": "NotProd"}, {"Fn::Equals": [1, "1"]}]}]},
    }
    names = scope(Conditions=conditions, Mappings={"M": {"prod": {"size": 3}}})
    assert [names.condition(name) for name in conditions] == [True, False, True]
    assert (
        names.evaluator.value({"Fn::If": ["NotProd", {"Ref": "Nobody"}, {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "size"]}]}) == 3
    )
    resources = {"Yes": {"Type": "T", "Condition": "Prod"}, "No": {"Type": "T", "Condition": "NotProd"}}
    assert scope(Conditions=conditions, Resources=resources).wanted == ["Yes"]


def test_yaml_with_short_forms_means_the_same_as_json() -> None:
    body = """
    Resources:
      Policy:
        Type: AWS::IAM::ManagedPolicy
        Properties:
          PolicyDocument: {Version: 2012-10-17}
          Description: !Join [",", [!GetAtt A.Arn.Value, !Ref B, !Sub "${C}"]]
          ManagedPolicyName: !If [Prod, x, !Ref "AWS::NoValue"]
    """
    properties = parse(body).resources["Policy"]["Properties"]
    assert properties["PolicyDocument"] == {"Version": "2012-10-17"}
    assert properties["Description"] == {
        "Fn::Join": [",", [{"Fn::GetAtt": ["A", "Arn.Value"]}, {"Ref": "B"}, {"Fn::Sub": "${C}"}]]
    }
    assert properties["ManagedPolicyName"] == {"Fn::If": ["Prod", "x", {"Ref": "AWS::NoValue"}]}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("{", "Template format error"),
        ("[]", "not a mapping"),
        ("{}", "At least one Resources member"),
        ('{"Resources": {"A": {}}}', "must contain a Type member"),
        ('{"Resources": {"A": {"Type": "T", "Propertys": {}}}}', "Invalid template resource property 'Propertys'"),
        ('{"Resources": {"A": {"Type": "T", "Condition": "C"}}}', "Unresolved condition 'C'"),
        ('{"Resources": {"A": {"Type": "T"}}, "Transform": "AWS::Serverless-2016-10-31"}', "runs no transforms"),
        ('{"Resources": {"A": {"Type": "T", "DeletionPolicy": "Keep"}}}', "Unrecognized DeletionPolicy 'Keep'"),
        ('{"Resources": {"A": {"Type": "T", "Properties": {"x": {"Ref": "B"}}}}}', r"Unresolved resource dependencies \[B\]"),
    ],
)
def test_a_broken_template_is_refused_before_anything_starts(body: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        checked(parse(body))


def test_the_order_follows_references_and_a_circle_is_refused() -> None:
    resources: dict[str, dict[str, Any]] = {
        "C": {"Properties": {"x": {"Fn::Sub": "${B.Arn} ${!A}"}}},
        "B": {"Properties": {"x": [{"Fn::GetAtt": ["A", "Arn"]}]}},
        "A": {},
        "D": {"DependsOn": ["C"]},
    }
    assert graph.order(graph.dependencies(resources, resources)) == ["A", "B", "C", "D"]
    with pytest.raises(ValidationError, match=r"Circular dependency between resources: \[A, D\]"):
        graph.order(graph.dependencies({"A": {"DependsOn": "D"}, "D": {"DependsOn": "A"}}, ["A", "D"]))
    with pytest.raises(ValidationError, match="Unresolved resource dependencies"):
        graph.dependencies({"A": {"DependsOn": "Z"}}, ["A"])


def declared(**definitions: dict[str, Any]) -> Template:
    return Template("", {"Parameters": definitions, "Resources": {}})


def test_parameters_are_given_kept_or_default() -> None:
    template = declared(
        A={"Type": "String", "Default": "a"},
        B={"Type": "Number", "Default": 1},
        C={"Type": "CommaDelimitedList"},
        D={"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/d"},
        E={"Type": "String", "NoEcho": True},
    )
    given: list[dict[str, Any]] = [
        {"ParameterKey": "B", "UsePreviousValue": True},
        {"ParameterKey": "C", "ParameterValue": "x, y"},
        {"ParameterKey": "E", "ParameterValue": "secret"},
    ]
    chosen = parameters.choose(template, given, {"B": "7"})
    assert chosen == {"A": "a", "B": "7", "C": "x, y", "D": "/d", "E": "secret"}
    resolved = parameters.resolve(template, chosen, lambda name: f"value of {name}")
    values = parameters.values(template, chosen, resolved)
    assert (values["C"], values["D"]) == (["x", "y"], "value of /d")
    shown = {each["ParameterKey"]: each for each in parameters.described(template, chosen, resolved)}
    assert shown["E"]["ParameterValue"] == "****"
    assert shown["D"]["ResolvedValue"] == "value of /d"


@pytest.mark.parametrize(
    ("definition", "value", "complaint"),
    [
        ({"Type": "String", "AllowedValues": ["a"]}, "b", "must be one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "letters"}, "1", "must match pattern.*letters"),
        ({"Type": "String", "MinLength": 3}, "ab", "length"),
        ({"Type": "Number"}, "many", "must be a number"),
        ({"Type": "Number", "MaxValue": 5}, "6", "outside its bounds"),
        ({"Type": "String"}, None, "must have values"),
    ],
)
def test_a_parameter_outside_its_bounds_is_refused(definition: dict[str, Any], value: str | None, complaint: str) -> None:
    given = [{"ParameterKey": "P", "ParameterValue": value}] if value is not None else []
    with pytest.raises(ValidationError, match=complaint):
        parameters.choose(declared(P=definition), given, {})


def test_a_parameter_the_template_does_not_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="do not exist in the template"):
        parameters.choose(EMPTY, [{"ParameterKey": "X", "ParameterValue": "1"}], {})


class Store:
    """Secrets Manager and Parameter Store at once."""

    def get_secret_value(self, *, SecretId: str, **version: str) -> dict[str, str]:  # noqa: N803  # boto3's words
        return {"SecretString": f'{{"user": "admin", "from": "{SecretId} {sorted(version.items())}"}}'}

    def get_parameter(self, *, Name: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"Parameter": {"Value": f"value of {Name}"}}


def test_dynamic_references_are_read_wherever_they_stand() -> None:
    arn = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:db-AbCdEf"
    value = {"a": [f"{{{{resolve:secretsmanager:{arn}:SecretString:user::}}}}"], "b": "x-{{resolve:ssm:/p}}-y", "c": 1}
    assert dynamic.resolve(value, lambda _service: Store()) == {"a": ["admin"], "b": "x-value of /p-y", "c": 1}
    staged = dynamic.resolve("{{resolve:secretsmanager:db:SecretString:from:AWSPREVIOUS}}", lambda _service: Store())
    assert staged == "db [('VersionStage', 'AWSPREVIOUS')]"
    with pytest.raises(ResourceFailed, match="JSONKey colour"):
        dynamic.resolve("{{resolve:secretsmanager:db:SecretString:colour}}", lambda _service: Store())


def test_the_registry_converts_checks_and_knows_what_forces_a_replacement() -> None:
    database = registry.resource_type(REGION, "AWS::RDS::DBInstance")
    coerced = database.coerce(
        {"MultiAZ": "true", "BackupRetentionPeriod": "7", "AllocatedStorage": 20, "DBInstanceIdentifier": "a"}
    )
    assert coerced == {"MultiAZ": True, "BackupRetentionPeriod": 7, "AllocatedStorage": "20", "DBInstanceIdentifier": "a"}
    database.check(coerced)
    assert database.must_replace(coerced, {**coerced, "MultiAZ": False}) == []
    assert database.must_replace(coerced, {**coerced, "DBInstanceIdentifier": "b"}) == ["DBInstanceIdentifier"]
    with pytest.raises(ResourceFailed, match=r"AWS::RDS::DBInstance.*MultiAz"):
        database.check({"MultiAz": True})
    with pytest.raises(ResourceFailed, match="DbiResourceId is read only"):
        database.check({"DbiResourceId": "db-1"})
    with pytest.raises(ResourceFailed, match="not in CloudFormation's registry"):
        registry.resource_type(REGION, "AWS::RDS::DBInstanse")
