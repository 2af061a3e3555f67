"""What a deployment stands on, looked for in an account; and what one that failed has left there, with the way out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aws_rehearsal import Cloud
from deployment import foundations
from strategy import load
from strategy.model.strategy import Strategy

PRIMARY, RECOVERY = "ap-southeast-1", "ap-southeast-2"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


def client(cloud: Cloud) -> Any:
    return cloud.client


def certificate(cloud: Cloud, region: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.banking-buddy.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=900))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    given: Any = {"Certificate": made.public_bytes(pem), "PrivateKey": private}
    return str(cloud.client("acm", region).import_certificate(**given)["CertificateArn"])


def test_zone_and_certificates_are_looked_for_before_anything_is_made(cloud: Cloud) -> None:
    strategy = load("prod")
    zone, first, second = foundations.missing(strategy, client(cloud))
    assert zone == "dns.zone: the account has no hosted zone banking-buddy.example.; there must be one"
    for sentence, region in ((first, PRIMARY), (second, RECOVERY)):
        assert sentence.startswith(f"dns.certificates.{region}: arn:aws:acm:{region}:")
        assert sentence.endswith("is not there; it must be ISSUED")
    cloud.client("route53", PRIMARY).create_hosted_zone(Name="banking-buddy.example", CallerReference="a")
    assert strategy.dns is not None
    certificates = {region: certificate(cloud, region) for region in (PRIMARY, RECOVERY)}
    dns = strategy.dns.model_copy(update={"certificates": certificates})
    founded = strategy.model_copy(update={"dns": dns})
    assert list(foundations.missing(founded, client(cloud))) == []
    pending = cloud.client("acm", RECOVERY).request_certificate(DomainName="api.banking-buddy.example")["CertificateArn"]
    dns = dns.model_copy(update={"certificates": certificates | {RECOVERY: pending}})
    (waiting,) = foundations.missing(strategy.model_copy(update={"dns": dns}), client(cloud))
    assert waiting == f"dns.certificates.{RECOVERY}: {pending} is PENDING_VALIDATION; it must be ISSUED"
    cloud.client("route53", PRIMARY).create_hosted_zone(Name="banking-buddy.example", CallerReference="b")
    (twice,) = foundations.missing(founded, client(cloud))
    assert twice == "dns.zone: the account has 2 hosted zones banking-buddy.example.; there must be one"


def test_an_environment_without_a_name_of_its_own_stands_on_nothing(cloud: Cloud) -> None:
    nameless = load("dev").model_copy(update={"dns": None})
    assert list(foundations.missing(nameless, client(cloud))) == []


def deploy(cloud: Cloud, name: str, resources: dict[str, Any]) -> None:
    cloudformation = cloud.client("cloudformation", PRIMARY)
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    while cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"].endswith("_IN_PROGRESS"):
        pass


@pytest.fixture
def dev() -> Strategy:
    return load("dev")


def test_what_a_failed_creation_left_is_named_with_the_way_out(cloud: Cloud, dev: Strategy) -> None:
    assert list(foundations.stuck(dev, client(cloud))) == []
    subnets = {
        name: {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"{PRIMARY}{zone}"},
        }
        for number, (name, zone) in enumerate({"One": "a", "Two": "b"}.items())
    }
    balancer = {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {
            "Subnets": [{"Ref": "One"}, {"Ref": "Two"}],
            "LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}],
        },
    }
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "kept"}, "DeletionPolicy": "Retain"}
    bad = {
        "Type": "AWS::Route53::RecordSet",
        "Properties": {"HostedZoneName": "nowhere.example.", "Name": "a.nowhere.example.", "Type": "A", "TTL": "60"},
        "DependsOn": ["Balancer", "Topic"],
    }
    network = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, **subnets}
    name = f"{dev.prefix}-standby"
    deploy(cloud, name, {**network, "Balancer": balancer, "Topic": topic, "Bad": bad})
    (stuck,) = foundations.stuck(dev, client(cloud))
    assert stuck.startswith(f"{name} in {PRIMARY} is in ROLLBACK_FAILED (")
    assert "deletion protection is enabled" in stuck
    assert f"aws elbv2 modify-load-balancer-attributes --region {PRIMARY} --load-balancer-arn arn:aws:elasticloadb" in stuck
    assert stuck.endswith(f"aws cloudformation delete-stack --region {PRIMARY} --stack-name {name}")
    (kept,) = foundations.kept(dev, client(cloud))
    assert f"AWS::SNS::Topic arn:aws:sns:{PRIMARY}:123456789012:kept" in kept
    assert "--import-existing-resources" in kept
    assert list(foundations.stuck(load("prod"), client(cloud))) == []  # another strategy's stacks are its own
