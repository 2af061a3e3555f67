"""What was real in a rehearsal and what was modelled. Printed, reported, and quoted by the README: one list for all."""

from __future__ import annotations

REAL: tuple[tuple[str, str], ...] = (
    ("Templates", "synthesised by the CDK app and deployed by the unmodified CDK command line, in two regions"),
    ("Workflows", "the deployed Step Functions definitions, interpreted state by state"),
    ("Functions", "the bundled Python of the deployed Lambda functions, run in processes of their own"),
    ("The client", "`python -m recovery restore`, in a process of its own, as a person types it"),
    ("MySQL rows", "captured by physical backup from a running server, copied to files of the other region, restored, compared"),
    ("DynamoDB items", "captured, copied to files of the other region, restored, compared"),
    ("Point in time", "a base copy and the server's own binary log up to that second; every version of every item"),
    (
        "Replicas",
        "MariaDB's own replication from one region's server to another's; every write of a table sent on a second later",
    ),
    ("The damage", "hundreds of rows and items deleted or altered in the live stores, while the services write"),
    ("The fence", "users locked and connections ended in the old server; writes to the old table refused by its policy"),
    (
        "The smoke test",
        "HTTP through the region's load balancer: closed by its security group, answered by a service that reads its stores",
    ),
    (
        "The cutover",
        "the customers' name resolved by the deployed failover records, their health checks against the published metrics",
    ),
    ("The loss", "the region's database killed, its files, tables and stores deleted; every call signed for it refused"),
    ("The judgement", "row by row and item by item against what the loader and the services know, not only against the manifest"),
)

MODELLED: tuple[tuple[str, str], ...] = (
    ("AWS itself", "an embedded stand-in (moto and our additions): its quotas, limits and latencies are not AWS's"),
    ("Durations", "jobs take modelled minutes on a virtual clock: never read them as AWS durations"),
    ("The outage", "a switch: no half-failed region, no brown-out"),
    ("MySQL", "MariaDB stands in for RDS MySQL 8.0; the bank's schema keeps to their common subset"),
    ("The services", "threads with real connections stand in for Elastic Beanstalk's instances; a restart restarts them"),
    (
        "IAM",
        "policies judge functions, workflows, people, AWS Backup, rules, alarms, the CDK's roles; the bank's services are root",
    ),
    (
        "Compiled code",
        "`cryptography` for Lambda's platform; on another one, this machine's of the same version runs in its place",
    ),
    ("KMS", "keys exist, and can be disabled; the stored data is not encrypted with them"),
    (
        "Network",
        "subnets, routes and security groups are recorded; only the load balancer's group is enforced; HTTP only, no TLS",
    ),
    ("DNS", "no resolver's cache, and a health check sees a metric at once: on AWS, minutes"),
    (
        "The fence and the switch each minute",
        "run from the cutover on, not in hours that are leapt over; their looks at the lost region count apart",
    ),
    ("The monitor, and alarms on silence", "run where a test asks, not for every quarter of an hour that is leapt over"),
    ("Recorded resources", "types the stand-in does not know are checked against their schema and listed, not run"),
)
