"""A denial reads as on AWS: "Troubleshoot access denied error messages" (IAM User Guide), and each service's own code."""

from __future__ import annotations

import boto3
import pytest

from aws_rehearsal.iam.decisions import Decision, Layer, denial
from aws_rehearsal.iam.principals import Principal, root, service, session, user

HERE = "123456789012"
JOHN = user(f"arn:aws:iam::{HERE}:user/JohnDoe")
NIGHT = session(f"arn:aws:iam::{HERE}:role/app/restore", "night")
GROUPS = f"arn:aws:codedeploy:us-east-1:{HERE}:deploymentgroup:*"
SECRET = f"arn:aws:secretsmanager:us-east-1:{HERE}:secret:*"
KEY = f"arn:aws:kms:us-east-1:{HERE}:key/1"


def denied(
    action: str, layer: Layer, *, resource: str = "*", explicit: bool = False, principal: Principal = JOHN, said: str = ""
) -> Decision:
    return Decision(
        allowed=False, principal=principal, action=action, resource=resource, layer=layer, explicit=explicit, said=said
    )


SENTENCES: list[tuple[Decision, str]] = [
    (
        denied("codecommit:ListRepositories", Layer.IDENTITY),
        (
            f"User: {JOHN.arn} is not authorized to perform: codecommit:ListRepositories"
            " because no identity-based policy allows the codecommit:ListRepositories action"
        ),
    ),
    (
        denied("codedeploy:ListDeployments", Layer.IDENTITY, resource=GROUPS, explicit=True),
        (
            f"User: {JOHN.arn} is not authorized to perform: codedeploy:ListDeployments on resource: {GROUPS}"
            " with an explicit deny in an identity-based policy"
        ),
    ),
    (
        denied("codedeploy:ListDeployments", Layer.BOUNDARY, resource=GROUPS),
        (
            f"User: {JOHN.arn} is not authorized to perform: codedeploy:ListDeployments on resource: {GROUPS}"
            " because no permissions boundary allows the codedeploy:ListDeployments action"
        ),
    ),
    (
        denied("sagemaker:ListModels", Layer.BOUNDARY, explicit=True),
        f"User: {JOHN.arn} is not authorized to perform: sagemaker:ListModels with an explicit deny in a permissions boundary",
    ),
    (
        denied("codecommit:ListRepositories", Layer.SESSION),
        (
            f"User: {JOHN.arn} is not authorized to perform: codecommit:ListRepositories"
            " because no session policy allows the codecommit:ListRepositories action"
        ),
    ),
    (
        denied("secretsmanager:GetSecretValue", Layer.RESOURCE),
        (
            f"User: {JOHN.arn} is not authorized to perform: secretsmanager:GetSecretValue"
            " because no resource-based policy allows the secretsmanager:GetSecretValue action"
        ),
    ),
    (
        denied("secretsmanager:GetSecretValue", Layer.RESOURCE, resource=SECRET, explicit=True),
        (
            f"User: {JOHN.arn} is not authorized to perform: secretsmanager:GetSecretValue on resource: {SECRET}"
            " with an explicit deny in a resource-based policy"
        ),
    ),
    (
        denied("sts:AssumeRole", Layer.TRUST, explicit=True),
        f"User: {JOHN.arn} is not authorized to perform: sts:AssumeRole with an explicit deny in the role trust policy",
    ),
    (
        denied("dynamodb:PutItem", Layer.IDENTITY, resource=f"arn:aws:dynamodb:e:{HERE}:table/t", principal=NIGHT),
        (
            f"User: arn:aws:sts::{HERE}:assumed-role/restore/night is not authorized to perform: dynamodb:PutItem"
            f" on resource: arn:aws:dynamodb:e:{HERE}:table/t because no identity-based policy allows the dynamodb:PutItem action"
        ),
    ),
    (
        denied("s3:GetObject", Layer.IDENTITY, resource="arn:aws:s3:::bank/x"),
        (
            f'User: {JOHN.arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bank/x"'
            " because no identity-based policy allows the s3:GetObject action"
        ),
    ),
    (
        denied("sns:Publish", Layer.RESOURCE, resource="arn:aws:sns:e:1:t", principal=service("events.amazonaws.com")),
        (
            "User: events.amazonaws.com is not authorized to perform: SNS:Publish on resource: arn:aws:sns:e:1:t"
            " because no resource-based policy allows the SNS:Publish action"
        ),
    ),
    (
        denied("kms:Decrypt", Layer.IDENTITY, resource=KEY),
        (
            f"User: {JOHN.arn} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext"
            " because no identity-based policy allows the kms:Decrypt action"
        ),
    ),
    (
        denied("kms:CreateGrant", Layer.RESOURCE, resource=KEY),
        (
            f"User: {JOHN.arn} is not authorized to perform: kms:CreateGrant on resource: {KEY}"
            " because no resource-based policy allows the kms:CreateGrant action"
        ),
    ),
    (
        denied("sts:AssumeRole", Layer.TRUST, principal=root(HERE), said="Roles may not be assumed by root accounts."),
        "Roles may not be assumed by root accounts.",
    ),
]


@pytest.mark.parametrize(("decision", "sentence"), SENTENCES)
def test_sentence(decision: Decision, sentence: str) -> None:
    assert decision.sentence == sentence


@pytest.mark.parametrize(
    ("service_name", "action", "code", "status"),
    [
        ("dynamodb", "dynamodb:PutItem", "AccessDeniedException", 400),
        ("kms", "kms:Decrypt", "AccessDeniedException", 400),
        ("states", "states:StartExecution", "AccessDeniedException", 400),
        ("events", "events:PutEvents", "AccessDeniedException", 400),
        ("secretsmanager", "secretsmanager:GetSecretValue", "AccessDeniedException", 400),
        ("ssm", "ssm:GetParameter", "AccessDeniedException", 400),
        ("backup", "backup:StartRestoreJob", "AccessDeniedException", 403),
        ("lambda", "lambda:InvokeFunction", "AccessDeniedException", 403),
        ("s3", "s3:GetObject", "AccessDenied", 403),
        ("iam", "iam:PassRole", "AccessDenied", 403),
        ("sts", "sts:AssumeRole", "AccessDenied", 403),
        ("rds", "rds:CreateDBInstance", "AccessDenied", 403),
        ("cloudformation", "cloudformation:UpdateStack", "AccessDenied", 403),
        ("monitoring", "cloudwatch:PutMetricData", "AccessDenied", 403),
        ("sqs", "sqs:SendMessage", "AccessDenied", 403),
        ("route53", "route53:ChangeResourceRecordSets", "AccessDenied", 403),
        ("sns", "sns:Publish", "AuthorizationError", 403),
        ("ec2", "ec2:RunInstances", "UnauthorizedOperation", 403),
        # a key that another service may not use for the caller
        ("rds", "kms:CreateGrant", "KMSKeyNotAccessibleFault", 400),
        ("sns", "kms:GenerateDataKey", "KMSAccessDenied", 400),
        ("sqs", "kms:GenerateDataKey", "KmsAccessDenied", 400),
        ("s3", "kms:Decrypt", "AccessDenied", 403),
        ("dynamodb", "kms:Decrypt", "AccessDeniedException", 400),
        ("lambda", "kms:Decrypt", "KMSAccessDeniedException", 502),
    ],
)
def test_code_of_each_service(service_name: str, action: str, code: str, status: int) -> None:
    answer = denial(denied(action, Layer.IDENTITY, resource=KEY), service_name)
    assert (answer.code, answer.status) == (code, status)


@pytest.mark.parametrize(
    ("name", "signed_for", "action"),
    [
        ("rds", "rds", "kms:CreateGrant"),
        ("sns", "sns", "kms:Decrypt"),
        ("lambda", "lambda", "kms:Decrypt"),
        ("sqs", "sqs", "kms:Decrypt"),
        ("sns", "sns", "sns:Publish"),
    ],
)
def test_codes_are_those_of_the_service_model(name: str, signed_for: str, action: str) -> None:
    """botocore turns them into the exceptions that AWS documents."""
    model = boto3.Session()._session.get_service_model(name)
    shapes = {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}
    assert denial(denied(action, Layer.IDENTITY, resource=KEY), signed_for).code in shapes


def test_ec2_says_more() -> None:
    message = denial(denied("ec2:RunInstances", Layer.IDENTITY), "ec2").message
    assert message.startswith("You are not authorized to perform this operation. User: ")


def test_other_services_hide_the_key() -> None:
    assert denial(denied("kms:Decrypt", Layer.IDENTITY, resource=KEY), "secretsmanager").message == "Access to KMS is not allowed"
    assert (
        f"The specified KMS key [{KEY}] does not exist"
        in denial(denied("kms:CreateGrant", Layer.IDENTITY, resource=KEY), "rds").message
    )
