"""Which CloudFormation types hold data that would be missed.

Two sources: what AWS's own resource specification (inside the pinned CDK command line) marks as stateful, and what it does not
mark but holds data all the same, read type by type. `tests/stacks/test_coverage.py` holds the first against the installed
specification, and every type of that specification against `tests/stacks/reviewed_types.txt`: a type that an upgrade brings
fails there until somebody has put it on one side or the other.
"""

# ruff: noqa: SIM905  words in lines read better than a column of quoted ones
from __future__ import annotations

MARKED_BY_AWS = frozenset(
    f"AWS::{name}"
    for name in (
        "CloudFormation::Stack Cognito::UserPool DocDB::DBCluster DocDB::DBInstance DynamoDB::GlobalTable DynamoDB::Table "
        "EC2::Volume EFS::FileSystem EMR::Cluster ElastiCache::CacheCluster ElastiCache::ReplicationGroup Elasticsearch::Domain "
        "FSx::FileSystem Kinesis::Stream Neptune::DBCluster Neptune::DBInstance OpenSearchService::Domain QLDB::Ledger "
        "RDS::DBCluster RDS::DBInstance Redshift::Cluster S3::Bucket SDB::Domain SQS::Queue"
    ).split()
)
"""Marked stateful, and the data is the bank's. What a nested stack holds is not seen from the template that nests it, so that
it has to be excused with a reason: this app nests none."""

KEPT_OTHERWISE = {
    "AWS::Backup::BackupVault": "It holds the backups themselves; its policy and lock protect them.",
    "AWS::KMS::Key": "A key cannot be backed up; its policy keeps it from being deleted, and it is retained.",
    "AWS::Logs::LogGroup": "Logs are diagnostics; what must last is written to the evidence bucket.",
    "AWS::Organizations::Account": "An account is not data; what is in it is looked at resource by resource.",
    "AWS::SecretsManager::Secret": "Generated, and replicated to the other region; passwords are reset from it after a restore.",
}
"""Marked stateful by AWS, but not data to back up: why."""

ADDED = frozenset(
    f"AWS::{name}"
    for name in (
        "AmazonMQ::Broker AutoScaling::AutoScalingGroup Bedrock::KnowledgeBase BedrockAgentCore::Memory Cases::Domain "
        "Cassandra::Keyspace Cassandra::Table CloudFormation::StackSet CloudFront::KeyValueStore CloudHSM::Cluster "
        "CloudTrail::EventDataStore CodeArtifact::Repository CodeCommit::Repository Connect::DataTable Connect::Instance "
        "CustomerProfiles::Domain DAX::Cluster DSQL::Cluster DirectoryService::MicrosoftAD DirectoryService::SimpleAD "
        "DocDBElastic::Cluster EC2::Instance ECR::PublicRepository ECR::Repository EMR::WALWorkspace "
        "ElastiCache::ServerlessCache ElasticBeanstalk::Environment Events::Archive FSx::FileCache FSx::Volume "
        "FinSpace::Environment Forecast::Dataset HealthImaging::Datastore HealthLake::FHIRDatastore IoTAnalytics::Dataset "
        "IoTAnalytics::Datastore IoTSiteWise::Dataset Kendra::Index KinesisVideo::Stream Lightsail::Bucket Lightsail::Database "
        "Lightsail::Disk Lightsail::Instance Location::GeofenceCollection Location::Tracker MSK::Cluster MSK::ServerlessCluster "
        "ManagedBlockchain::Member MemoryDB::Cluster MemoryDB::MultiRegionCluster NeptuneGraph::Graph "
        "ODB::CloudAutonomousVmCluster ODB::CloudVmCluster Omics::AnnotationStore Omics::ReferenceStore Omics::SequenceStore "
        "Omics::VariantStore OpenSearchServerless::Collection OpsWorks::Instance OpsWorks::Volume OpsWorksCM::Server "
        "Pinpoint::App QBusiness::Index RDS::GlobalCluster RedshiftServerless::Namespace Rekognition::Collection "
        "S3Express::DirectoryBucket S3Files::FileSystem S3Outposts::Bucket S3Tables::Table S3Tables::TableBucket "
        "S3Vectors::VectorBucket SES::MailManagerArchive SageMaker::Domain SageMaker::NotebookInstance Serverless::SimpleTable "
        "ServiceCatalog::CloudFormationProvisionedProduct StorageGateway::Tape StorageGateway::Volume Timestream::Database "
        "Timestream::InfluxDBCluster Timestream::InfluxDBInstance Timestream::Table VerifiedPermissions::PolicyStore "
        "WorkSpaces::Workspace WorkspacesInstances::Volume WorkspacesInstances::WorkspaceInstance"
    ).split()
)
"""Not marked by AWS: databases, stores, disks, queues and registries that hold what nobody could type in again."""

STATEFUL = MARKED_BY_AWS | ADDED
