"""Every physical name or ARN that crosses a region, an account or a tool boundary. Nothing else spells them.

Names are bound to regions, never to roles: swapping primary and recovery renames nothing. IAM names are global, so they
carry the region. Pure functions of the prefix; no AWS call, no pydantic, safe to import in a Lambda function.
"""

from __future__ import annotations

import re


def backup_vault(prefix: str) -> str:
    """The vault of a region's own backups."""
    return f"{prefix}-backup-vault"


def copy_vault(prefix: str) -> str:
    """The vault that receives the other region's copies; always encrypted with a customer-managed key."""
    return f"{prefix}-copy-vault"


def vault_arn(region: str, account: str, vault: str) -> str:
    return f"arn:aws:backup:{region}:{account}:backup-vault:{vault}"


def backup_plan(prefix: str) -> str:
    return f"{prefix}-backup-plan"


def backup_selection(prefix: str) -> str:
    return f"{prefix}-backup-selection"


def store(prefix: str, name: str) -> str:
    """Physical name of a data store: the same in every region, so that a restored store can be adopted by the stack."""
    return f"{prefix}-{name}"


def restored(base: str, plan_id: str) -> str:
    """Name of a store that a plan restores beside the old one; `base` is the old one's name, itself restored or not.

    The plan's id makes it the plan's own: who finds it finds an earlier result of the same plan, never somebody else's.
    """
    return f"{_RESTORED.sub('', base)}-{plan_id}"


def base(name: str) -> str:
    """The name of a store without the id of the plan that restored it."""
    return _RESTORED.sub("", name)


def restored_pattern(base: str) -> str:
    """What `restored` makes of any plan's id, as IAM's wildcards say it."""
    return restored(base, "r????????")


PLAN_ID = r"r[0-9a-f]{8}"
"""Pattern of a plan's id: short enough to be typed at night."""
_RESTORED = re.compile(f"-{PLAN_ID}$")


def read_replica(prefix: str, name: str) -> str:
    """A running replica in the other region: not under the store's own name, which a restored store takes."""
    return f"{store(prefix, name)}-replica"


def store_arn(kind: str, region: str, account: str, physical: str) -> str:
    """ARN of a data store, by which backup selections and recovery points know it."""
    if kind == "mysql":
        return f"arn:aws:rds:{region}:{account}:db:{physical}"
    if kind == "dynamodb":
        return f"arn:aws:dynamodb:{region}:{account}:table/{physical}"
    raise ValueError(f"unknown kind of store {kind!r}")


ACTIVATE, BEANSTALK, SFTP = "activate", "beanstalk", "sftp"
"""Purposes of roles: of the activation, of Elastic Beanstalk itself, of the SFTP host."""


def service_role(service: str) -> str:
    """Purpose of the role of a service's instances."""
    return f"service-{service}"


def role(prefix: str, purpose: str, region: str) -> str:
    """IAM names are global: the region is part of them."""
    return f"{prefix}-{purpose}-{region}"


def role_arn(prefix: str, purpose: str, region: str, account: str) -> str:
    return f"arn:aws:iam::{account}:role/{role(prefix, purpose, region)}"


def stack(prefix: str, kind: str) -> str:
    """CloudFormation name of a stack; the same in both regions."""
    return f"{prefix}-{kind}"


def stack_id(prefix: str, kind: str, region: str) -> str:
    """Id of a stack inside the CDK app, where both regions live side by side."""
    return f"{stack(prefix, kind)}-{region}"


def subnet_group(prefix: str) -> str:
    return f"{prefix}-database"


def drill_subnet_group(prefix: str) -> str:
    """Subnets of what drills make: no service stands there, and none may reach in."""
    return f"{prefix}-drill"


def parameter_group(prefix: str) -> str:
    return f"{prefix}-mysql"


def parameter(prefix: str, *path: str) -> str:
    """SSM parameter by which stacks of one region tell each other what has no name of its own."""
    return "/" + "/".join((prefix, *path))


def database_secret(prefix: str, name: str) -> str:
    """Secret with the master user of a MySQL store; replicated to the other region."""
    return f"{prefix}/{name}/master"


def service_secret(prefix: str, store: str, service: str) -> str:
    """Secret with a service's own user of a MySQL store; replicated to the other region."""
    return f"{prefix}/{store}/{service}"


def service_user(service: str) -> str:
    """A service's own user in MySQL."""
    return f"{service.replace('-', '_')}_service"


def service_application(prefix: str) -> str:
    """Elastic Beanstalk application of all services: a region has one, and each service is an environment of it."""
    return prefix


def service_environment(prefix: str, service: str) -> str:
    """Elastic Beanstalk environment of a service."""
    return f"{prefix}-{service}"


def service_address(prefix: str, service: str) -> str:
    """SSM parameter with the URL at which a service answers in this region, whoever serves: `https://host/service`."""
    return parameter(prefix, "services", service, "address")


def version_label(service: str, version: str) -> str:
    """Label of an application version: one application holds the versions of all services."""
    return f"{service}-{version}"


def service_version(prefix: str, service: str) -> str:
    """SSM parameter with the version label that a region's environment runs: written there by every release."""
    return parameter(prefix, "services", service, "version")


def service_platform(prefix: str, service: str) -> str:
    """SSM parameter with the solution stack that a region's environment runs on: written there by every release."""
    return parameter(prefix, "services", service, "platform")


def balancer(prefix: str) -> str:
    """The one load balancer of a region: 32 characters at most, so without what the prefix may be longer by."""
    return f"{prefix[:28]}-alb"


def cache(prefix: str) -> str:
    """ElastiCache replication group and subnet group: 40 characters at most."""
    return f"{prefix[:34]}-redis"


def cache_address(prefix: str) -> str:
    """SSM parameter with the URL of Redis, there while the workload runs."""
    return parameter(prefix, "services", "cache")


def switch(prefix: str) -> str:
    """SSM parameter of a region: which region serves, as far as is written here. JSON, see `recovery.cutover.switch`."""
    return parameter(prefix, "cutover", "switch")


def heartbeat(prefix: str) -> str:
    """SSM parameter of a region: when its fence looked last. A gap says that the region was gone."""
    return parameter(prefix, "cutover", "heartbeat")


def taking(prefix: str) -> str:
    """SSM parameter of a region: which lost region is being recovered here. JSON, see `recovery.cutover.takeover`."""
    return parameter(prefix, "cutover", "taking")


def home(one: str, other: str) -> str:
    """Of two regions, the one that the primary failover record names and that serves while nobody has ever cut over.

    The first by name: a region's place in DNS must not follow its role, or a swap would rewrite the records.
    """
    return min(one, other)


def switch_alarm(prefix: str) -> str:
    """Alarm of a region on the switch's metric; a health check of Route 53 reads the metric that it names."""
    return f"{prefix}-switch"


def switch_namespace(prefix: str) -> str:
    """Namespace of the switch's metric in CloudWatch."""
    return f"{prefix}/cutover"


SWITCH_METRIC = "Switch"
"""1 while this region's switch says that this region serves and somebody must act on it; see `recovery.cutover.metric`."""


def endpoint(prefix: str, store: str) -> str:
    """SSM parameter that the services read when they start: where a store is now. JSON, `{"resource": …}`, and for MySQL also
    `host` and `port`. State, not configuration: written when a store is made and by each restore, never by a deployment.
    """
    return parameter(prefix, "endpoints", store)


def plans_table(prefix: str) -> str:
    """DynamoDB table of a region's restore plans: each plan, its attempts, and which of them is alive."""
    return f"{prefix}-restore-plans"


def evidence_bucket(prefix: str, region: str, account: str) -> str:
    """Bucket of a region's manifests and recovery records; replicated to the other region."""
    return f"{prefix}-evidence-{account}-{region}"


def evidence_owner(bucket: str) -> str:
    """`account/prefix` of the environment whose evidence a bucket of this name holds. ValueError for any other bucket."""
    found = re.fullmatch(r"(?P<prefix>.+)-evidence-(?P<account>\d{12})-[a-z0-9-]+", bucket)
    if found is None:
        raise ValueError(f"{bucket} is no bucket of evidence")
    return f"{found['account']}/{found['prefix']}"


def shared_data_bucket(prefix: str, region: str, account: str) -> str:
    """Bucket of the application's files in a region; replicated to the other region."""
    return f"{prefix}-shared-{account}-{region}"


def key_alias(prefix: str, purpose: str) -> str:
    return f"alias/{prefix}-{purpose}"


def deployment_role_arn(region: str, account: str) -> str:
    """The role that CloudFormation takes when the CDK deploys: nobody but CloudFormation may take it."""
    return f"arn:aws:iam::{account}:role/cdk-hnb659fds-cfn-exec-role-{account}-{region}"


def replicated_backups_key(prefix: str) -> str:
    """SSM parameter: the ARN of a region's key for what the other region's MySQL replicates to it."""
    return parameter(prefix, "keys", "replicated-backups")


def trail(prefix: str) -> str:
    return f"{prefix}-trail"


def recorder(prefix: str) -> str:
    """AWS Config's recorder, and its delivery channel."""
    return f"{prefix}-recorder"


def audit(prefix: str, purpose: str) -> str:
    """Frameworks, report plans and restore tests: letters, digits and underscores only, at most 50."""
    return f"{prefix}-{purpose}".replace("-", "_")


def restore_testing_plan(prefix: str) -> str:
    return audit(prefix, "restore-testing")


def restore_testing_plan_arn(prefix: str, region: str, account: str) -> str:
    """What the plan's ARN begins with: AWS ends it in an id of its own."""
    return f"arn:aws:backup:{region}:{account}:restore-testing-plan:{restore_testing_plan(prefix)}-"


TESTED = "awsbackup-restore-test-"
"""Begins the name that AWS Backup gives to what a restore test makes."""

VERIFIER = "verifier"
"""Database user that may read what is verified; it logs in with an IAM token and has no password."""


HEARTBEAT_USER = "heartbeat"
"""Database user that may write the heartbeat and nothing else; it logs in with an IAM token and has no password."""
HEARTBEAT_DATABASE = "recovery_heartbeat"
"""Database with the heartbeat's one row; no part of what is compared."""
HEARTBEAT_KEY = "recovery-heartbeat"
"""Reserved key of the heartbeat's item in a table, where a key attribute is a string."""
HEARTBEAT_NUMBER = "-9007199254740991"
"""As above, where it is a number."""
HEARTBEAT_ATTRIBUTE = "recovery_heartbeat"
"""Attribute with the heartbeat's moment: without it an item is the application's, whatever its key."""
HEARTBEAT_METRIC = "HeartbeatWritten"
"""1 for each heartbeat that was written, by region and store; 0 or nothing when it was not."""


def heartbeat_namespace(prefix: str) -> str:
    """Namespace of the heartbeat's metric in CloudWatch."""
    return f"{prefix}/heartbeat"


MANIFESTS = "manifests"
"""Folder of an evidence bucket: what a store held when a backup was taken."""
MEASUREMENTS = "measurements"
"""Folder of an evidence bucket: the pieces of a store that is measured piece by piece."""
VERIFICATIONS = "verifications"
"""Folder of an evidence bucket: what each verification found."""
PLAN_TAG = "recovery-plan"
"""Tag of what a restore made: the plan's id."""
DRILL_TAG = "recovery-drill"
"""Tag, `true`, of what a drill made: the only thing that may be cleaned up by command."""
TIME_TO_LIVE = "ttl"
"""Attribute by which DynamoDB expires an item."""

BUNDLES = "bundles"
"""Folder of the shared-data bucket: what releases deploy, by service and version. Replicated with the rest."""
RESTORES = "restores"
"""Folder of an evidence bucket: how each restore of one store ended."""
RESTORE_TESTS = "restore-tests"
"""Folder of an evidence bucket: what each scheduled restore test came to, in a folder for each store."""
PREFLIGHTS = "preflights"
"""Folder of an evidence bucket: whether the region could have taken over, day by day."""
DRILLS = "drills"
"""Folder of an evidence bucket: how each drill of a route ended, by route."""
INTEGRITY = "integrity"
"""Folder of an evidence bucket: what each monthly check of a store's data found, by store."""
RECOVERIES = "recoveries"
"""Folder of an evidence bucket: how each recovery ended."""
EVIDENCE_RECORDS = "records"
"""Folder of an evidence bucket: what else is proof of something done."""
DUTIES = "duties"
"""Folder of an evidence bucket: what each duty of the calendar looked at, by duty."""
FINDINGS = "findings"
"""Folder of an evidence bucket: who answers for what failed, until when, and by which change it was fixed."""
CHAIN = "chain"
"""Folder of an evidence bucket: the links that seal its records, in a folder for each region."""
SEALED = (RECOVERIES, RESTORES, RESTORE_TESTS, DRILLS, INTEGRITY, VERIFICATIONS, PREFLIGHTS, DUTIES, FINDINGS, EVIDENCE_RECORDS)
"""Folders whose objects are sealed."""
EVIDENCE_KEY = "evidence"
"""Purpose of the key that signs the chain of evidence."""
REPORTS = "reports"
"""Folder of an evidence bucket: AWS Backup's own daily reports."""
TRAIL = "trail"
"""Folder of an evidence bucket: who called what, as CloudTrail saw it."""
CONFIGURATION = "configuration"
"""Folder of an evidence bucket: how resources were configured, as AWS Config saw it."""

ACTIVATED = "Activated"
"""Parameter of the standby stack, `true` or `false`: whether the workload runs in this region."""

REPLICATES_TO = "ReplicatesTo"
"""Parameter of the backup stack: the region that this region's buckets replicate to. State: a deployment keeps what it was."""

REPLICATED_BACKUPS_KEY = "ReplicatedBackupsKeyArn"
"""Output of a region's backup stack, and parameter of the other's: RDS takes nothing but a key's ARN."""


def preflight_namespace(prefix: str) -> str:
    """Namespace of the daily pre-flight's metrics in CloudWatch."""
    return f"{prefix}/preflight"


def duties_namespace(prefix: str) -> str:
    """Namespace of the calendar's metrics in CloudWatch."""
    return f"{prefix}/duties"


UNPROVED_METRIC, OVERDUE_METRIC = "RoutesUnproved", "IntegrityOverdue"
"""Daily counts, by region, beside the pre-flight's: routes without a drill that passed, stores without a check of their data."""


def monitor_namespace(prefix: str) -> str:
    """Namespace of the monitor's metrics in CloudWatch."""
    return f"{prefix}/monitor"


def digest_namespace(prefix: str) -> str:
    """Namespace of what the daily digest counts."""
    return f"{prefix}/digest"


def speak_namespace(prefix: str) -> str:
    """Namespace of what was told."""
    return f"{prefix}/speak"


def dashboard(prefix: str, region: str) -> str:
    """CloudWatch's dashboards are of an account and not of a region: the region is part of the name."""
    return f"{prefix}-{region}"


MONITOR = "monitor"
"""Purpose of the function that looks each quarter of an hour."""


def alarm(prefix: str, name: str) -> str:
    return f"{prefix}-{name}"


def state_machine(prefix: str, workflow: str) -> str:
    return f"{prefix}-{workflow}"


def state_machine_arn(prefix: str, workflow: str, region: str, account: str) -> str:
    return f"arn:aws:states:{region}:{account}:stateMachine:{state_machine(prefix, workflow)}"


def function(prefix: str, purpose: str) -> str:
    return f"{prefix}-{purpose}"


def rule(prefix: str, *purpose: str) -> str:
    """An EventBridge rule that has a role: the role's trust names it."""
    return "-".join((prefix, *purpose))


def rule_arn(rule_name: str, region: str, account: str) -> str:
    return f"arn:aws:events:{region}:{account}:rule/{rule_name}"


def alert_topic(prefix: str) -> str:
    return f"{prefix}-alerts"


def alert_topic_arn(prefix: str, region: str, account: str) -> str:
    return f"arn:aws:sns:{region}:{account}:{alert_topic(prefix)}"


def log_group(kind: str, name: str) -> str:
    """Where AWS's consoles look for the logs of a function (`lambda`) or a workflow (`vendedlogs/states`)."""
    return f"/aws/{kind}/{name}"
