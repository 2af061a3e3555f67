"""What is not of one store: roles, alerts, restore tests, keys, buckets, and what AWS Backup may do in the region."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.assess.findings import About, Harm, Judged
from recovery.assess.holdings import Holdings
from recovery.aws import NotChecked
from strategy import Strategy
from strategy.model.stores import StoreKind

_CALLS = {StoreKind.MYSQL: "RDS", StoreKind.DYNAMODB: "DynamoDB"}
_RESTORES = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"


def judged(holdings: Holdings, strategy: Strategy) -> Iterator[Judged]:
    yield from _roles(holdings, strategy)
    yield from _tables_can_be_copied(holdings)
    yield from _told(holdings)
    yield from _tried(holdings)
    yield from _keys(holdings)
    yield from _buckets(holdings)


def _roles(holdings: Holdings, strategy: Strategy) -> Iterator[Judged]:
    about = About("restore role")
    if isinstance(holdings.restorers, NotChecked):
        yield about.refused("a role may restore", holdings.restorers)
        return
    for kind in dict.fromkeys(store.kind for store in strategy.stores):
        promise = f"a role may restore {_CALLS[kind]}"
        able = holdings.restorers[kind]
        if able:
            yield about.kept(promise, ", ".join(able))
            continue
        others = ", ".join(holdings.backup_roles) or "there is none"
        mend = f"attach {_RESTORES} to one: no backup can be restored before"
        yield about.broken(Harm.LOST, promise, f"none of those that AWS Backup may take: {others}", mend)


def _tables_can_be_copied(holdings: Holdings) -> Iterator[Judged]:
    about, promise = About(f"AWS Backup in {holdings.primary}"), "DynamoDB's recovery points can be copied"
    if isinstance(holdings.advanced_tables, NotChecked):
        yield about.refused(promise, holdings.advanced_tables)
    elif holdings.tables and not holdings.advanced_tables:
        mend = "aws backup update-region-settings --resource-type-management-preference DynamoDB=true; it holds for later backups"
        yield about.broken(Harm.REGION, promise, "its advanced features for DynamoDB are off: every copy would fail", mend)
    elif holdings.tables:
        yield about.kept(promise, "its advanced features for DynamoDB are on")


def _told(holdings: Holdings) -> Iterator[Judged]:
    about, promise = About("alerts"), "somebody is told of a failed job"
    if isinstance(holdings.failures_told, NotChecked):
        yield about.refused(promise, holdings.failures_told)
    elif holdings.failures_told:
        yield about.kept(promise, "an EventBridge rule listens to AWS Backup")
    else:
        mend = "an EventBridge rule for source aws.backup and state FAILED, EXPIRED or ABORTED, to a topic that people read"
        yield about.broken(Harm.UNSEEN, promise, "no enabled EventBridge rule listens to AWS Backup", mend)
    if isinstance(holdings.topics, NotChecked):
        yield about.refused("topics are encrypted", holdings.topics)
        return
    for topic in holdings.topics:
        about = About(f"topic {topic.name} in {topic.region}")
        if not topic.encrypted:
            mend = "give it a key of your own that lets events.amazonaws.com use it: under alias/aws/sns it would fall silent"
            yield about.broken(Harm.EXPOSED, "it is encrypted", "it has no key", mend)
        else:
            yield about.kept("it is encrypted", "it has a key")
        if not topic.listeners:
            mend = "subscribe somebody, and have them confirm"
            yield about.broken(Harm.UNSEEN, "somebody listens", "nobody has confirmed a subscription", mend)


def _tried(holdings: Holdings) -> Iterator[Judged]:
    about, promise = About("restore tests"), "restores are tested on a schedule"
    if isinstance(holdings.restore_tests, NotChecked):
        yield about.refused(promise, holdings.restore_tests)
    elif holdings.restore_tests:
        yield about.kept(promise, "there is a restore testing plan")
    else:
        yield about.broken(Harm.UNSEEN, promise, "there is no restore testing plan", "init, then deploy: this app makes them")


def _keys(holdings: Holdings) -> Iterator[Judged]:
    if isinstance(holdings.keys, NotChecked):
        yield About("keys").refused("keys can decrypt", holdings.keys)
        return
    for key in holdings.keys:
        if key.state != "Enabled":
            mend = (
                f"aws kms cancel-key-deletion --key-id {key.arn}, then enable-key"
                if key.state == "PendingDeletion"
                else "enable it"
            )
            found = f"{key.arn} is {key.state}"
            yield About(f"key of {key.of}").broken(Harm.LOST, "it can decrypt", found, mend)


def _buckets(holdings: Holdings) -> Iterator[Judged]:
    if isinstance(holdings.buckets, NotChecked):
        yield About("buckets").refused("buckets are versioned", holdings.buckets)
        return
    for bucket in holdings.buckets:
        about = About(f"bucket {bucket.name}")
        if bucket.versioned:
            yield about.kept("an overwritten object comes back", "it is versioned")
        else:
            mend = f"aws s3api put-bucket-versioning --bucket {bucket.name} --versioning-configuration Status=Enabled"
            yield about.broken(Harm.LOST, "an overwritten object comes back", "it is not versioned", mend)
        if not bucket.replicated:
            mend = f"replicate it to a bucket in {holdings.recovery}, or leave it out of the strategy with a reason"
            yield about.broken(Harm.REGION, f"its objects are in {holdings.recovery} too", "it is not replicated", mend)
