"""Condition operators, case by case from the IAM User Guide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aws_rehearsal.iam.conditions import PolicyError, conditions
from aws_rehearsal.iam.request import Context, Environment

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
Values = str | tuple[str, ...] | None


def holds(block: dict[str, Any], *, variables: bool = True, principal: dict[str, str] | None = None, **given: Values) -> bool:
    """Whether a condition block is met where the keys `test:NAME` have these values; None: the key is absent."""
    call = {f"test:{key}": (value,) if isinstance(value, str) else value for key, value in given.items() if value is not None}
    keys = {key: (value,) for key, value in (principal or {}).items()}
    context = Context(call, keys, Environment("ap-southeast-1", now=NOON))
    return all(each.holds(context) for each in conditions(block, variables=variables))


# ---------------------------------------------------------------------- "Condition operators"
OPERATORS: list[tuple[str, Any, Values, bool]] = [
    # String: exact, case-sensitive; wildcards only with Like
    ("StringEquals", "blue", "blue", True),
    ("StringEquals", "blue", "Blue", False),
    ("StringEquals", "bl*", "blue", False),
    ("StringEquals", "bl*", "bl*", True),
    ("StringEquals", ["red", "blue"], "blue", True),
    ("StringEquals", ["red", "green"], "blue", False),
    ("StringNotEquals", "blue", "red", True),
    ("StringNotEquals", "blue", "blue", False),
    ("StringNotEquals", ["red", "blue"], "blue", False),
    ("StringNotEquals", ["red", "green"], "blue", True),
    ("StringEqualsIgnoreCase", "BLUE", "blue", True),
    ("StringEqualsIgnoreCase", "BLUE", "blues", False),
    ("StringNotEqualsIgnoreCase", "BLUE", "blue", False),
    ("StringLike", "bl*", "blue", True),
    ("StringLike", "bl?e", "blue", True),
    ("StringLike", "bl?", "blue", False),
    ("StringLike", "BL*", "blue", False),
    ("StringLike", "*", "", True),
    ("StringNotLike", "bl*", "blue", False),
    ("StringNotLike", "gr*", "blue", True),
    # Numeric
    ("NumericEquals", "10", "10.0", True),
    ("NumericEquals", 10, "10", True),
    ("NumericEquals", "10", "ten", False),
    ("NumericNotEquals", "10", "11", True),
    ("NumericNotEquals", ["10", "11"], "11", False),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "9", "10", True),
    ("NumericGreaterThan", "9", "9", False),
    ("NumericGreaterThanEquals", "9", "9", True),
    ("NumericLessThan", "10", "-3.5", True),
    ("NumericLessThan", "9", "10", False),  # as numbers, not as texts
    # Date: ISO 8601 or seconds since 1970
    ("DateEquals", "2026-11-02T12:00:00Z", "2026-11-02T13:00:00+01:00", True),
    ("DateEquals", "2026-11-02", "2026-11-02T00:00:00Z", True),
    ("DateEquals", "1793620800", "2026-11-02T12:00:00Z", True),
    ("DateNotEquals", "2026-11-02", "2026-11-03T00:00:00Z", True),
    ("DateLessThan", "2026-11-02T12:00:00Z", "2026-11-02T11:59:59Z", True),
    ("DateLessThan", "2026-11-02T12:00:00Z", "2026-11-02T12:00:00Z", False),
    ("DateLessThanEquals", "2026-11-02T12:00:00Z", "2026-11-02T12:00:00Z", True),
    ("DateGreaterThan", "2020", "2026-11-02T12:00:00Z", True),
    ("DateGreaterThan", "2027-01", "2026-11-02T12:00:00Z", False),
    ("DateGreaterThanEquals", "2026-11-02T12:00:00Z", "2026-11-02T12:00:00Z", True),
    ("DateEquals", "tomorrow", "2026-11-02T12:00:00Z", False),
    # Bool, Binary
    ("Bool", "true", "true", True),
    ("Bool", True, "true", True),
    ("Bool", "True", "true", True),
    ("Bool", "false", "true", False),
    ("Bool", "yes", "yes", False),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "b3RoZXI=", False),
    ("BinaryEquals", "not base64", "not base64", False),
    # IP addresses: CIDR, or one address
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", "203.0.113.7", "203.0.113.8", False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", True),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
    ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
    # ARN: six fields, each for itself; Equals and Like are the same
    ("ArnEquals", "arn:aws:sns:*:123456789012:*", "arn:aws:sns:eu-west-1:123456789012:alerts", True),
    ("ArnLike", "arn:aws:sns:eu-west-?:123456789012:al*", "arn:aws:sns:eu-west-1:123456789012:alerts", True),
    ("ArnLike", "arn:aws:sns:*:123456789012:Alerts", "arn:aws:sns:eu-west-1:123456789012:alerts", False),
    ("ArnNotLike", "arn:aws:sns:*:123456789012:*", "arn:aws:sns:eu-west-1:123456789012:alerts", False),
    ("ArnNotEquals", "arn:aws:sns:*:999999999999:*", "arn:aws:sns:eu-west-1:123456789012:alerts", True),
    ("ArnLike", "arn:aws:sns:*", "arn:aws:sns:eu-west-1:123456789012:alerts", False),
    ("ArnLike", "arn:aws:s3:::bank/*", "arn:aws:s3:::bank/a:b/c", True),
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), OPERATORS)
def test_operator(operator: str, wanted: Any, given: Values, expected: bool) -> None:
    assert holds({operator: {"test:key": wanted}}, key=given) is expected


@pytest.mark.parametrize(("operator", "expected"), [("StringLike", True), ("ArnLike", False)])
def test_a_star_of_an_arn_operator_ends_at_a_colon(operator: str, expected: bool) -> None:
    """The example of "Amazon Resource Name (ARN) condition operators"."""
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert holds({operator: {"test:key": "arn:aws:someservice:*:111122223333:finance/*"}}, key=value) is expected


# ---------------------------------------------------------------------- missing keys
NEGATED = ("StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals", "DateNotEquals")
POSITIVE = (
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "NumericEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "BinaryEquals",
)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        *((each, "1") for each in POSITIVE),
        ("Bool", "false"),
        ("IpAddress", "0.0.0.0/0"),
        ("ArnLike", "arn:*:*:*:*:*"),
        ("ArnEquals", "arn:*:*:*:*:*"),
    ],
)
def test_a_missing_key_does_not_match_and_if_exists_does_not_mind(operator: str, value: str) -> None:
    assert not holds({operator: {"test:key": value}})
    assert holds({f"{operator}IfExists": {"test:key": value}})


@pytest.mark.parametrize(
    ("operator", "value"),
    [*((each, "1") for each in NEGATED), ("NotIpAddress", "0.0.0.0/0"), ("ArnNotLike", "arn:*:*:*:*:*"), ("ArnNotEquals", "x")],
)
def test_a_negated_operator_is_true_of_a_missing_key(operator: str, value: str) -> None:
    """Also with IfExists: "the request is still denied even if the tag is missing"."""
    assert holds({operator: {"test:key": value}})
    assert holds({f"{operator}IfExists": {"test:key": value}})


def test_if_exists_still_compares_a_key_that_is_there() -> None:
    """The example of "...IfExists condition operators"."""
    wanted = {"StringLikeIfExists": {"test:key": ["t1.*", "t2.*", "m3.*"]}}
    assert holds(wanted, key="t2.micro")
    assert not holds(wanted, key="p5.48xlarge")


@pytest.mark.parametrize(
    ("wanted", "given", "expected"),
    [
        ("true", None, True),
        ("true", "x", False),
        ("false", "x", True),
        ("false", None, False),
        (True, None, True),
        ("true", (), True),
        (["true", "false"], None, True),
    ],
)
def test_null(wanted: Any, given: Values, expected: bool) -> None:
    assert holds({"Null": {"test:key": wanted}}, key=given) is expected


# ---------------------------------------------------------------------- several keys, several values
def test_operators_and_keys_are_and() -> None:
    """The example of "Evaluation logic for multiple context keys or values"."""
    block = {
        "StringEqualsIgnoreCase": {"test:department": ["finance", "hr", "legal"], "test:role": ["audit", "security"]},
        "StringEquals": {"test:account": "123456789012"},
    }
    assert holds(block, department="HR", role="Audit", account="123456789012")
    assert not holds(block, department="HR", role="developer", account="123456789012")
    assert not holds(block, department="HR", role="audit", account="999999999999")
    assert not holds(block, department="HR", account="123456789012")


SETS: list[tuple[str, Any, Values, bool]] = [
    # "Set operators": ForAllValues is true of no key, and of an empty value; ForAnyValue is not
    ("ForAllValues:StringEquals", ["ID", "Message", "Tags"], ("Message", "Tags"), True),
    ("ForAllValues:StringEquals", ["ID", "Message", "Tags"], ("Message", "UserName"), False),
    ("ForAllValues:StringEquals", ["ID"], None, True),
    ("ForAllValues:StringEquals", ["ID"], (), True),
    ("ForAllValues:StringEquals", ["ID"], "", True),
    ("ForAnyValue:StringEquals", ["ID", "PostDateTime"], ("UserName", "Message", "PostDateTime"), True),
    ("ForAnyValue:StringEquals", ["ID", "PostDateTime"], ("UserName",), False),
    ("ForAnyValue:StringEquals", ["ID"], None, False),
    ("ForAnyValue:StringEquals", ["ID"], "", False),
    ("ForAnyValue:StringNotEquals", ["ID"], ("ID", "other"), True),
    ("ForAnyValue:StringNotEquals", ["ID"], ("ID",), False),
    ("ForAnyValue:StringNotEquals", ["ID"], None, False),
    ("ForAllValues:StringNotEquals", ["ID"], ("ID", "other"), False),
    ("ForAllValues:StringNotLike", ["I*", "x"], ("other",), True),
    ("ForAllValues:StringLike", ["cost*"], ("costcenter", "costs"), True),
    ("ForAllValues:ArnLike", ["arn:aws:iam::*:role/*"], ("arn:aws:iam::1:role/a", "arn:aws:iam::1:user/a"), False),
    ("ForAnyValue:StringEqualsIfExists", ["ID"], None, True),
    ("ForAnyValue:StringEqualsIfExists", ["ID"], ("other",), False),
    # A key with several values needs a set operator
    ("StringEquals", ["a", "b"], ("a", "b"), False),
    ("StringNotEquals", ["c"], ("a", "b"), True),
    ("StringEquals", ["a"], ("a",), True),
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), SETS)
def test_sets(operator: str, wanted: Any, given: Values, expected: bool) -> None:
    assert holds({operator: {"test:key": wanted}}, key=given) is expected


@pytest.mark.parametrize("spelled", ["TEST:KEY", "Test:Key", "test:key"])
def test_names_of_keys_have_no_case(spelled: str) -> None:
    assert holds({"StringEquals": {spelled: "x"}}, key="x")


# ---------------------------------------------------------------------- "Variables and tags"
VARIABLES: list[tuple[str, str, Values, bool]] = [
    ("StringEquals", "${aws:username}", "ada", True),
    ("StringEquals", "${AWS:UserName}", "ada", True),
    ("StringEquals", "${aws:username}", "bob", False),
    ("StringLike", "home/${aws:username}/*", "home/ada/x", True),
    ("StringLike", "home/${aws:username}/*", "home/bob/x", False),
    ("StringEqualsIgnoreCase", "${aws:username}", "ADA", True),
    ("ArnLike", "arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/ada", True),
    ("StringEquals", "${aws:PrincipalTag/team, 'company-wide'}", "company-wide", True),
    ("StringEquals", "${aws:PrincipalTag/none}", "", False),
    ("StringNotEquals", "${aws:PrincipalTag/none}", "anything", True),
    ("StringEquals", "a${*}", "a*", True),
    ("StringLike", "a${*}", "ab", False),
    ("StringLike", "a${?}", "a?", True),
    ("StringEquals", "${$}{x}", "${x}", True),
    ("StringLike", "${aws:PrincipalTag/wild}", "anything", False),
    ("StringLike", "${aws:PrincipalTag/wild}", "*", True),
    ("NumericEquals", "${aws:PrincipalTag/ten}", "10", False),  # not allowed there
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), VARIABLES)
def test_variables(operator: str, wanted: str, given: Values, expected: bool) -> None:
    principal = {"aws:username": "ada", "aws:principaltag/wild": "*", "aws:principaltag/ten": "10"}
    assert holds({operator: {"test:key": wanted}}, principal=principal, key=given) is expected


def test_before_2012_a_variable_is_plain_text() -> None:
    block = {"StringEquals": {"test:key": "${aws:username}"}}
    assert holds(block, variables=False, principal={"aws:username": "ada"}, key="${aws:username}")
    assert not holds(block, variables=False, principal={"aws:username": "ada"}, key="ada")


def test_a_multivalued_key_is_no_variable() -> None:
    assert not holds({"StringEquals": {"test:key": "${test:many}"}}, key="a", many=("a", "b"))
    assert holds({"StringEquals": {"test:key": "${test:one}"}}, key="a", one=("a",))


# ---------------------------------------------------------------------- the environment's own keys
@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-11-02T11:59:59Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-11-02T11:59:59Z"}}, False),
        ({"NumericGreaterThan": {"aws:EpochTime": "1793620799"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "ap-southeast-1"}}, True),
        ({"Bool": {"aws:ViaAWSService": "false"}}, True),
        ({"Null": {"aws:CalledVia": "true"}}, True),
        ({"Null": {"aws:SourceIp": "true"}}, True),
    ],
)
def test_keys_of_every_request(block: dict[str, Any], expected: bool) -> None:
    assert holds(block) is expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "dynamodb.amazonaws.com"}}, True),
        ({"StringEquals": {"aws:CalledViaFirst": "cloudformation.amazonaws.com"}}, True),
        ({"StringEquals": {"aws:CalledViaLast": "dynamodb.amazonaws.com"}}, True),
        ({"StringEquals": {"aws:CalledViaFirst": "dynamodb.amazonaws.com"}}, False),
        ({"Bool": {"aws:ViaAWSService": "true"}}, True),
    ],
)
def test_a_chain_of_services(block: dict[str, Any], expected: bool) -> None:
    """The examples of "aws:CalledVia" and "aws:ViaAWSService"."""
    chain = {"aws:calledvia": ("cloudformation.amazonaws.com", "dynamodb.amazonaws.com")}
    context = Context(chain, {}, Environment())
    assert all(each.holds(context) for each in conditions(block, variables=True)) is expected


# ---------------------------------------------------------------------- what AWS refuses
@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"StringMatches": {"a:b": "c"}}, "unknown condition operator StringMatches"),
        ({"NullIfExists": {"a:b": "true"}}, "unknown condition operator NullIfExists"),
        ({"Null": {"a:b": "perhaps"}}, "must be true or false"),
        ({"IpAddress": {"aws:SourceIp": "203.0.113"}}, "no address"),
        ({"StringEquals": "x"}, "must name condition keys"),
        (["StringEquals"], "must be an object"),
    ],
)
def test_a_malformed_condition_is_refused(block: Any, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        conditions(block, variables=True)
