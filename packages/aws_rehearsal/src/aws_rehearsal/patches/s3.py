"""S3: replication that happens, and bucket policies that are recorded instead of half enforced."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import ReplicationConfigurationNotFoundError
from moto.s3.models import FakeBucket, FakeKey, S3Backend
from moto.s3.responses import S3Response

from aws_rehearsal.context import current
from aws_rehearsal.patches import ABSENT, patch
from aws_rehearsal.s3 import encryption, replication


@patch(
    FakeBucket,
    "get_permission",
    source="7571412a3495a0e3",
    why="moto ignores Condition: CDK's enforce_ssl would deny every request",
)
def get_permission(_original: Any, _bucket: Any, _action: str, _resource: str) -> Any:
    return PermissionResult.NEUTRAL


@patch(
    S3Backend,
    "put_object",
    source="db803f2da9d786ad",
    why="stock moto replicates nothing; multipart uploads and copies end here too",
)
def put_object(original: Any, backend: Any, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
    encryption.check_put(backend, bucket_name, kwargs.get("encryption"), kwargs.get("kms_key_id"))
    key = original(backend, bucket_name, *args, **kwargs)
    replication.schedule(current(), backend.get_bucket(bucket_name), key)
    return key


@patch(S3Backend, "_set_delete_marker", source="f95d9e59e39fdc42", why="stock moto replicates no delete marker")
def set_delete_marker(original: Any, backend: Any, bucket_name: str, key_name: str) -> Any:
    marker = original(backend, bucket_name, key_name)
    replication.schedule(current(), backend.get_bucket(bucket_name), marker)
    return marker


@patch(S3Backend, "put_bucket_replication", source="6dd7d63edffb3176", why="stock moto accepts a destination that cannot receive")
def put_bucket_replication(original: Any, backend: Any, bucket_name: str, configuration: dict[str, Any]) -> None:
    replication.check(configuration)
    original(backend, bucket_name, configuration)


@patch(
    S3Response,
    "get_bucket_replication",
    source="5da06c98f0981171",
    why="stock moto answers an empty filter, and never delete markers",
)
def get_bucket_replication(_original: Any, response: Any) -> Any:
    response.data["Action"] = "GetBucketReplication"
    configuration = response.backend.get_bucket_replication(response.bucket_name)
    if not configuration:
        raise ReplicationConfigurationNotFoundError(bucket_name=response.bucket_name)
    answer = {"Role": configuration["Role"], "Rules": [_stated(rule) for rule in configuration["Rule"]]}
    return response.serialized(ActionResult({"ReplicationConfiguration": answer}))


def _stated(rule: dict[str, Any]) -> dict[str, Any]:
    """An empty `<Filter/>` or `<Prefix/>` was parsed to None."""
    stated = {**rule, "Priority": int(rule["Priority"])}
    if "Filter" in rule:
        stated["Filter"] = {name: value or "" for name, value in (rule["Filter"] or {"Prefix": ""}).items()}
    return stated


@patch(S3Response, "head_object", source="6ca35f68a7d0aae7", why="stock moto has no x-amz-replication-status")
def head_object(original: Any, response: Any, bucket_name: str, query: Any, key_name: str, **named: Any) -> Any:
    code, answered, body = original(response, bucket_name, query, key_name, **named)
    if code == 200:
        key = response.backend.get_object(bucket_name, key_name, query.get("versionId", [None])[0])
        if status := getattr(key, "replication_status", None):
            answered["x-amz-replication-status"] = status
    return code, answered, body


@patch(FakeKey, "__deepcopy__", source=ABSENT, why="moto copies the bodies of a whole bucket for each listing of its versions")
def listed(key: Any, _memo: dict[int, Any]) -> Any:
    """For a listing, which changes nothing but `is_latest`: with the same body, which lives as long as either."""
    one = object.__new__(type(key))
    one.__dict__.update(key.__dict__, listed_of=key)
    return one


@patch(
    FakeKey,
    "__del__",
    source="5e2666415ddbd269",
    why="moto warns: it closes the file of a body by its list of all instances",
    lasting=True,
)
def collected(_original: Any, key: Any) -> None:
    if "listed_of" not in key.__dict__:
        key.dispose()


@patch(S3Response, "get_object", source="e9731229dec14fcd", why="stock moto reads what is under a disabled key")
def get_object(original: Any, response: Any) -> Any:
    encryption.check_get(response.backend, response.bucket_name, response.parse_key_name(), response.querystring)
    return original(response)


@patch(S3Backend, "copy_object", source="e63e9144071cdad9", why="stock moto copies what is under a disabled key")
def copy_object(original: Any, backend: Any, src_key: Any, *args: Any, **kwargs: Any) -> Any:
    encryption.check_key(src_key, backend.account_id)
    return original(backend, src_key, *args, **kwargs)
