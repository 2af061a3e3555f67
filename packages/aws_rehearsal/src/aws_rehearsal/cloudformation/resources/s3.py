"""S3 buckets. Bucket policies are recorded: moto would ignore their conditions and deny everything."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tags


class Bucket(Handler):
    type = "AWS::S3::Bucket"

    def taken(self, context: Context, properties: Properties) -> str:
        name = str(properties.get("BucketName") or "")
        return name if name and stands(context.client("s3").head_bucket, Bucket=name) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        s3 = context.client("s3")
        name = properties.get("BucketName") or context.name(63, lower=True)
        place = {} if context.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": context.region}}
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bool(properties.get("ObjectLockEnabled")), **place)
        context.started(name)
        _configure(s3, name, properties)
        return _physical(context, name)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        s3 = context.client("s3")
        for name, remove in (
            ("LifecycleConfiguration", s3.delete_bucket_lifecycle),
            ("ReplicationConfiguration", s3.delete_bucket_replication),
            ("BucketEncryption", s3.delete_bucket_encryption),
            ("PublicAccessBlockConfiguration", s3.delete_public_access_block),
            ("CorsConfiguration", s3.delete_bucket_cors),
            ("Tags", s3.delete_bucket_tagging),
        ):
            if name in old and name not in new:
                remove(Bucket=physical.id)
        if "VersioningConfiguration" in old and "VersioningConfiguration" not in new:
            s3.put_bucket_versioning(Bucket=physical.id, VersioningConfiguration={"Status": "Suspended"})
        _configure(s3, physical.id, new)
        return _physical(context, physical.id)

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("s3").delete_bucket(Bucket=physical.id)


def _physical(context: Context, name: str) -> Physical:
    return Physical(
        name,
        {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "DualStackDomainName": f"{name}.s3.dualstack.{context.region}.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{context.region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{context.region}.amazonaws.com",
        },
    )


def _configure(s3: Any, name: str, properties: Properties) -> None:
    """Every setting the template gives, in the order they depend on each other: replication needs versioning."""
    if versioning := properties.get("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if encryption := properties.get("BucketEncryption"):
        rules = [_encryption(rule) for rule in encryption["ServerSideEncryptionConfiguration"]]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    if block := properties.get("PublicAccessBlockConfiguration"):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    if ownership := properties.get("OwnershipControls"):
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
    if lifecycle := properties.get("LifecycleConfiguration"):
        rules = [_lifecycle(rule) for rule in lifecycle["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    if lock := properties.get("ObjectLockConfiguration"):
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    if cors := properties.get("CorsConfiguration"):
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [_cors(rule) for rule in cors["CorsRules"]]})
    if replication := properties.get("ReplicationConfiguration"):
        rules = [_replication(rule) for rule in replication["Rules"]]
        s3.put_bucket_replication(Bucket=name, ReplicationConfiguration={"Role": replication["Role"], "Rules": rules})
    if labels := tags(properties):
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": labels})


def _encryption(rule: dict[str, Any]) -> dict[str, Any]:
    renamed = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    return {renamed.get(key, key): value for key, value in rule.items()}


def _cors(rule: dict[str, Any]) -> dict[str, Any]:
    renamed = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
    return {renamed.get(key, key): value for key, value in rule.items()}


def _lifecycle(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as the API takes it: the template's flat words become its nested ones."""
    given = {"ID": rule.get("Id"), "Status": rule["Status"]}
    given |= {key: rule.get(key) for key in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")}
    expiration = {"Days": rule.get("ExpirationInDays"), "Date": rule.get("ExpirationDate")}
    expiration["ExpiredObjectDeleteMarker"] = rule.get("ExpiredObjectDeleteMarker")
    given["Expiration"] = _present(expiration)
    if "NoncurrentVersionExpirationInDays" in rule:
        given["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    given["Transitions"] = [_transition(each) for each in rule.get("Transitions", [])]
    given["NoncurrentVersionTransitions"] = [
        _present(
            {
                "NoncurrentDays": each["TransitionInDays"],
                "StorageClass": each["StorageClass"],
                "NewerNoncurrentVersions": each.get("NewerNoncurrentVersions"),
            }
        )
        for each in rule.get("NoncurrentVersionTransitions", [])
    ]
    return {**_present(given), "Filter": _lifecycle_filter(rule)}


def _lifecycle_filter(rule: dict[str, Any]) -> dict[str, Any]:
    parts = _present({key: rule.get(key) for key in ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")})
    labels = rule.get("TagFilters", [])
    if len(parts) + len(labels) > 1:
        return {"And": {**parts, **({"Tags": labels} if labels else {})}}
    return {"Tag": labels[0]} if labels else parts or {"Prefix": ""}


def _transition(given: dict[str, Any]) -> dict[str, Any]:
    moment = {"Days": given.get("TransitionInDays"), "Date": given.get("TransitionDate")}
    return {"StorageClass": given["StorageClass"], **_present(moment)}


def _replication(rule: dict[str, Any]) -> dict[str, Any]:
    given = {("ID" if key == "Id" else key): value for key, value in rule.items()}
    if "Filter" in given:
        given["Filter"] = _replication_filter(given["Filter"])
    return given


def _replication_filter(given: dict[str, Any]) -> dict[str, Any]:
    renamed = {"TagFilter": "Tag", "TagFilters": "Tags"}
    return {renamed.get(key, key): _replication_filter(value) if key == "And" else value for key, value in given.items()}


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, [], {})}
