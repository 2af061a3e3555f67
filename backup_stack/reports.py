"""AWS Backup's daily reports, as evidence: which jobs ran, copied and restored, and what the framework found."""

from __future__ import annotations

from aws_cdk.aws_backup import CfnFramework, CfnReportPlan
from aws_cdk.aws_iam import ArnPrincipal, PolicyStatement
from constructs import Construct

from backup_stack.buckets import KeptBucket
from strategy import Strategy
from strategy.catalogue import names

SERVICE = "reports.backup.amazonaws.com"
_JOBS = ("backup-job", "copy-job", "restore-job")
_COMPLIANCE = ("control-compliance", "resource-compliance")


class Reports(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, bucket: KeptBucket, framework: CfnFramework
    ) -> None:
        super().__init__(scope, construct_id)
        writer = f"arn:aws:iam::{strategy.account}:role/aws-service-role/{SERVICE}/AWSServiceRoleForBackupReports"
        bucket.add_to_resource_policy(
            PolicyStatement(
                principals=[ArnPrincipal(writer)],
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects(f"{names.REPORTS}/*")],
                conditions={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        )
        for report in (*_JOBS, *_COMPLIANCE):
            setting = {"ReportTemplate": f"{report.upper().replace('-', '_')}_REPORT"}
            CfnReportPlan(
                self,
                report.title().replace("-", ""),
                report_plan_name=names.audit(strategy.prefix, report),
                report_delivery_channel={
                    "S3BucketName": bucket.bucket_name,
                    "S3KeyPrefix": names.REPORTS,
                    "Formats": ["CSV", "JSON"],
                },
                report_setting=setting | ({"FrameworkArns": [framework.attr_framework_arn]} if report in _COMPLIANCE else {}),
            )
