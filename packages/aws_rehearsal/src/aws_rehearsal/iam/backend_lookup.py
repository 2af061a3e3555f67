"""The embedded AWS's own resources, as `Lookup` asks for them: moto's backends, and the services of ours.

Reads only, and asks no API: a call is judged before it has any effect, and judging it must not be one.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.elbv2.models import elbv2_backends
from moto.events.models import events_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.rds.models import rds_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.ssm.models import ssm_backends
from moto.stepfunctions.models import stepfunctions_backends

from aws_rehearsal.iam.call import PARTITION, account_of, last_of, region_of
from aws_rehearsal.service import Service

_MANAGED = "alias/aws/"
"""Of the keys that AWS manages: moto makes DynamoDB's as if it were a customer's."""
_KEY_ID_LENGTH = 36
"""Of the key's id, which moto puts before what it encrypts."""


class BackendLookup:
    """`services`: `Cloud.services`, of which AWS Backup, CloudFormation and Elastic Beanstalk hold resources of their own."""

    def __init__(self, account: str, services: Mapping[str, Service]) -> None:
        self._account = account
        self._services = services

    # ------------------------------------------------------------------ Lookup
    def tags(self, arn: str) -> Mapping[str, str]:
        finder = _TAGS.get(_service_of(arn))
        if finder is None or not self._ours(arn):
            return {}
        found: Mapping[str, str] = {}
        with contextlib.suppress(Exception):  # whatever moto raises of a resource that is not there
            found = finder(self, arn)
        return found

    def key(self, arn: str) -> str:
        finder = _KEYS.get(_service_of(arn))
        if finder is None or not self._ours(arn):
            return ""
        name = ""
        with contextlib.suppress(Exception):
            name = finder(self, arn) or ""
        return self._customer_managed(name, region_of(arn)) if name else ""

    def arn(self, kind: str, name: str, region: str) -> str:
        finder = _ARNS.get(kind)
        found = ""
        with contextlib.suppress(Exception):
            found = finder(self, name, region) if finder else ""
        return found

    def facts(self, arn: str) -> Mapping[str, str]:
        finder = _FACTS.get(_service_of(arn))
        found: Mapping[str, str] = {}
        if finder and self._ours(arn):
            with contextlib.suppress(Exception):
                found = dict(finder(self, arn))
        return {name: value for name, value in found.items() if value}

    # -------------------------------------------------------------------- inside
    def _ours(self, arn: str) -> bool:
        return account_of(arn) in {"", self._account}

    def at(self, backends: Any, arn: str) -> Any:
        return backends[self._account][region_of(arn)]

    def own(self, service: str) -> Any:
        return self._services.get(service)

    def everywhere(self, backends: Any) -> Any:
        """Of IAM and S3, which moto keeps by partition."""
        return backends[self._account][PARTITION]

    def kms_key(self, name: str, region: str) -> Any:
        """From an id, an alias, or the ARN of either; None where there is none."""
        where = region_of(name) or region
        if not where:
            return None
        backend = kms_backends[self._account][where]
        short = name.split(":", 5)[5] if name.startswith("arn:") else name
        if short.startswith("alias/"):  # by hand: asked for one of AWS's own, moto's backend would make its key
            return next((key for key in list(backend.keys.values()) if short in key.aliases), None)
        return backend.keys.get(short.removeprefix("key/"))

    def _customer_managed(self, name: str, region: str) -> str:
        key = self.kms_key(name, region)
        if key is None or key.key_manager == "AWS" or any(each.startswith(_MANAGED) for each in key.aliases):
            return ""
        return str(key.arn)


def _service_of(arn: str) -> str:
    parts = arn.split(":", 3)
    return parts[2] if len(parts) > 3 else ""


def _pairs(tags: Any) -> dict[str, str]:
    """From a dict, or a list of pairs in either case."""
    if isinstance(tags, Mapping):
        return {
            str(name): str(value.get("Value", "") if isinstance(value, Mapping) else value) for name, value in list(tags.items())
        }
    return {str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value", ""))) for tag in tags or []}


# ------------------------------------------------------------------------ tags
def _by_tagger(backends: Any, attribute: str = "tagger") -> Callable[[BackendLookup, str], Mapping[str, str]]:
    def found(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
        return _pairs(getattr(lookup.at(backends, arn), attribute).get_tag_dict_for_resource(arn))

    return found


def _kms_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.at(kms_backends, arn).tagger.get_tag_dict_for_resource(last_of(arn)))


def _s3_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    bucket, key = _bucket_and_key(arn)
    backend = lookup.everywhere(s3_backends)
    holder = backend.buckets[bucket]
    return _pairs(backend.tagger.get_tag_dict_for_resource(holder.keys[key].arn if key else holder.arn))


def _rds_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.at(rds_backends, arn).list_tags_for_resource(arn))


def _dynamodb_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(_table(lookup, arn).tags)


def _lambda_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(_function(lookup, arn).tags)


def _ec2_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.at(ec2_backends, arn).tags.get(last_of(arn), {}))


def _secret_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.at(secretsmanager_backends, arn).secrets.get(arn).tags)


def _sns_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.at(sns_backends, arn).list_tags_for_resource(arn))


def _sqs_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.at(sqs_backends, arn).queues[last_of(arn)].tags)


def _ssm_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    name = arn.partition(":parameter/")[2]
    backend = lookup.at(ssm_backends, arn)
    for each in (f"/{name}", name):
        if tags := backend.list_tags_for_resource("Parameter", each):
            return _pairs(tags)
    return {}


def _iam_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.everywhere(iam_backends).get_role(last_of(arn)).tags) if ":role/" in arn else {}


def _backup_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return dict(lookup.own("backup").books(region_of(arn)).tags.get(arn, {}))


def _stack_tags(lookup: BackendLookup, arn: str) -> Mapping[str, str]:
    return _pairs(lookup.own("cloudformation").engine.find(region_of(arn), arn).tags)


_TAGS: dict[str, Callable[[BackendLookup, str], Mapping[str, str]]] = {
    "backup": _backup_tags,
    "cloudformation": _stack_tags,
    "cloudwatch": _by_tagger(cloudwatch_backends),
    "dynamodb": _dynamodb_tags,
    "ec2": _ec2_tags,
    "ecr": _by_tagger(ecr_backends),
    "elasticloadbalancing": _by_tagger(elbv2_backends, "tagging_service"),
    "events": _by_tagger(events_backends),
    "iam": _iam_tags,
    "kms": _kms_tags,
    "lambda": _lambda_tags,
    "logs": _by_tagger(logs_backends),
    "rds": _rds_tags,
    "s3": _s3_tags,
    "secretsmanager": _secret_tags,
    "sns": _sns_tags,
    "sqs": _sqs_tags,
    "ssm": _ssm_tags,
    "states": _by_tagger(stepfunctions_backends),
}


# ------------------------------------------------------------------------ keys
def _s3_key(lookup: BackendLookup, arn: str) -> str:
    """Of an object that is there, its own; otherwise what the bucket would encrypt it with."""
    bucket, key = _bucket_and_key(arn)
    holder = lookup.everywhere(s3_backends).buckets[bucket]
    found = holder.keys.get(key) if key else None
    if found is not None and found.encryption:
        return str(found.kms_key_id or "") if found.encryption.startswith("aws:kms") else ""
    return _bucket_rule(holder).get("KMSMasterKeyID", "")


def _bucket_rule(bucket: Any) -> dict[str, str]:
    rule = (bucket.encryption or {}).get("Rule") or {}
    first = rule[0] if isinstance(rule, list) else rule
    return dict(first.get("ApplyServerSideEncryptionByDefault") or {})


def _bucket_and_key(arn: str) -> tuple[str, str]:
    bucket, _, key = arn.split(":", 5)[5].partition("/")
    return bucket, key


def _rds_key(lookup: BackendLookup, arn: str) -> str:
    found = _database(lookup, arn)
    return str(getattr(found, "kms_key_id", "") or "")


def _database(lookup: BackendLookup, arn: str) -> Any:
    """A DB instance, its snapshot, or its automated backup, whose instance may be gone."""
    backend = lookup.at(rds_backends, arn)
    _, _, _, _, _, kind, name = arn.split(":", 6)
    if kind == "db":
        return backend.databases.get(name)
    if kind == "snapshot":
        return backend.database_snapshots.get(name)
    if kind == "auto-backup":
        for each in backend.describe_db_instance_automated_backups():
            if getattr(each, "arn", "") == arn or getattr(each, "db_instance_automated_backups_arn", "") == arn:
                return each
    return None


def _dynamodb_key(lookup: BackendLookup, arn: str) -> str:
    return str((_table(lookup, arn).sse_specification or {}).get("KMSMasterKeyId", ""))


def _table(lookup: BackendLookup, arn: str) -> Any:
    return lookup.at(dynamodb_backends, arn).tables[arn.split(":", 5)[5].split("/")[1]]


def _sns_key(lookup: BackendLookup, arn: str) -> str:
    return str(lookup.at(sns_backends, arn).topics[arn].kms_master_key_id)


def _sqs_key(lookup: BackendLookup, arn: str) -> str:
    return str(lookup.at(sqs_backends, arn).queues[last_of(arn)].kms_master_key_id or "")


def _secret_key(lookup: BackendLookup, arn: str) -> str:
    return str(lookup.at(secretsmanager_backends, arn).secrets.get(arn).kms_key_id or "")


def _ssm_key(lookup: BackendLookup, arn: str) -> str:
    name = arn.partition(":parameter/")[2]
    found = lookup.at(ssm_backends, arn).get_parameters([f"/{name}", name])
    return next((str(each.keyid or "") for each in list(found.values()) if each.parameter_type == "SecureString"), "")


def _vault_key(lookup: BackendLookup, arn: str) -> str:
    vault = lookup.own("backup").books(region_of(arn)).vaults[arn.rsplit(":", 1)[-1]]
    return str(vault.encryption_key_arn or "")


_KEYS: dict[str, Callable[[BackendLookup, str], str]] = {
    "backup": _vault_key,
    "dynamodb": _dynamodb_key,
    "rds": _rds_key,
    "s3": _s3_key,
    "secretsmanager": _secret_key,
    "sns": _sns_key,
    "sqs": _sqs_key,
    "ssm": _ssm_key,
}


# ------------------------------------------------------------------------ ARNs
def _kms_arn(lookup: BackendLookup, name: str, region: str) -> str:
    key = lookup.kms_key(name, region)
    return str(key.arn) if key is not None else ""


def _ciphertext_arn(lookup: BackendLookup, name: str, region: str) -> str:
    return _kms_arn(lookup, base64.b64decode(name)[:_KEY_ID_LENGTH].decode("ascii"), region)


def _secret_arn(lookup: BackendLookup, name: str, region: str) -> str:
    return str(secretsmanager_backends[lookup._account][region].secrets.get(name).arn)  # noqa: SLF001  of this module


def _role_arn(lookup: BackendLookup, name: str, region: str) -> str:  # noqa: ARG001
    return str(lookup.everywhere(iam_backends).get_role(name).arn)


def _profile_role(lookup: BackendLookup, name: str, region: str) -> str:  # noqa: ARG001
    return str(lookup.everywhere(iam_backends).get_instance_profile(last_of(name)).roles[0].arn)


def _stack_arn(lookup: BackendLookup, name: str, region: str) -> str:
    return str(lookup.own("cloudformation").engine.find(region, name).id)


def _environment_arn(lookup: BackendLookup, name: str, region: str) -> str:
    return next(str(each.arn) for each in lookup.own("elasticbeanstalk").there(region) if name in {each.name, each.identifier})


def _testing_plan_arn(lookup: BackendLookup, name: str, region: str) -> str:
    return str(lookup.own("backup").books(region).testing_plans[name].restore_testing_plan_arn)


_ARNS: dict[str, Callable[[BackendLookup, str, str], str]] = {
    "environment": _environment_arn,
    "instance-profile-role": _profile_role,
    "kms": _kms_arn,
    "kms-ciphertext": _ciphertext_arn,
    "restore-testing-plan": _testing_plan_arn,
    "role": _role_arn,
    "secret": _secret_arn,
    "stack": _stack_arn,
}


# ----------------------------------------------------------------------- facts
_Facts = Iterator[tuple[str, str]]


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _rds_facts(lookup: BackendLookup, arn: str) -> _Facts:
    found = _database(lookup, arn)
    for name, attribute in (
        ("engine", "engine"),
        ("engine-version", "engine_version"),
        ("class", "db_instance_class"),
        ("database", "db_name"),
        ("multi-az", "multi_az"),
        ("iops", "iops"),
        ("storage", "allocated_storage"),
        ("encrypted", "storage_encrypted"),
    ):
        yield name, _text(getattr(found, attribute, None))
    if found is not None and ":db:" in arn:
        yield "vpc", "true"


def _table_facts(lookup: BackendLookup, arn: str) -> _Facts:
    yield "partition-key", _text(_table(lookup, arn).hash_key_attr)


def _kms_facts(lookup: BackendLookup, arn: str) -> _Facts:
    key = lookup.kms_key(arn, region_of(arn))
    if key is None:
        return
    yield "spec", _text(key.key_spec)
    yield "usage", _text(key.key_usage or "ENCRYPT_DECRYPT")
    yield "origin", _text(key.origin or "AWS_KMS")
    yield "multi-region", _text(bool(key.multi_region))
    yield "manager", _text(key.key_manager)
    yield "aliases", ",".join(sorted(key.aliases))


def _function(lookup: BackendLookup, arn: str) -> Any:
    return lookup.at(lambda_backends, arn).get_function(":".join(arn.split(":")[:7]))


def _function_facts(lookup: BackendLookup, arn: str) -> _Facts:
    function = _function(lookup, arn)
    yield "role", _text(function.role)
    yield "subnets", ",".join((function.vpc_config or {}).get("subnet_ids") or [])


def _ec2_facts(lookup: BackendLookup, arn: str) -> _Facts:
    if ":subnet/" in arn:
        yield "vpc", _text(lookup.at(ec2_backends, arn).get_subnet(last_of(arn)).vpc_id)


def _stack_facts(lookup: BackendLookup, arn: str) -> _Facts:
    stack = lookup.own("cloudformation").engine.find(region_of(arn), arn)
    yield "template", stack.template.body
    for name, value in list(stack.parameters.items()):
        yield f"parameter/{name}", _text(value)


def _s3_facts(lookup: BackendLookup, arn: str) -> _Facts:
    bucket, key = _bucket_and_key(arn)
    holder = lookup.everywhere(s3_backends).buckets[bucket]
    if key:
        yield "text", holder.keys[key].value.decode()
    else:
        rule = (holder.encryption or {}).get("Rule") or {}
        yield "bucket-key", _text(rule.get("BucketKeyEnabled", "")).lower() if isinstance(rule, Mapping) else ""


def _role_facts(lookup: BackendLookup, arn: str) -> _Facts:
    if ":role/" in arn:
        yield "boundary", _text(lookup.everywhere(iam_backends).get_role(last_of(arn)).permissions_boundary)


_FACTS: dict[str, Callable[[BackendLookup, str], _Facts]] = {
    "cloudformation": _stack_facts,
    "dynamodb": _table_facts,
    "ec2": _ec2_facts,
    "iam": _role_facts,
    "kms": _kms_facts,
    "lambda": _function_facts,
    "rds": _rds_facts,
    "s3": _s3_facts,
}
