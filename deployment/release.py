"""Brings a release of one service to both regions, so that either can run it: bundle, application version, parameters.

    python -m deployment.release ENVIRONMENT SERVICE --version LABEL --platform "SOLUTION STACK" --bundle FILE

The bundle goes to the primary's shared-data bucket, which is replicated; each region gets an application version that names the
bundle in its own bucket, and the two parameters that its environment is made from on the night. An environment that runs is not
touched: whoever deploys to it does. Exit codes: 0 done, 2 wrong input, 3 AWS refused.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from strategy import Strategy, StrategyError, load
from strategy.catalogue import names as naming

_REPLICATION = {"Delay": 5, "MaxAttempts": 180}
"""A quarter of an hour for a bundle to arrive: what S3 promises of nearly all objects."""


def released(ssm: Any, prefix: str, service: str) -> bool:
    """Whether a region knows what to run of a service, and on what."""
    names = [naming.service_version(prefix, service), naming.service_platform(prefix, service)]
    return not ssm.get_parameters(Names=names)["InvalidParameters"]


def record(ssm: Any, prefix: str, service: str, *, version: str, platform: str) -> None:
    """The parameters of one region."""
    for name, value in (
        (naming.service_version(prefix, service), version),
        (naming.service_platform(prefix, service), platform),
    ):
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True, Description="Written by each release")


def release(
    strategy: Strategy, client: Callable[[str, str], Any], service: str, *, version: str, platform: str, bundle: Path
) -> None:
    """To the primary first: what has not arrived in the recovery region is not recorded there."""
    prefix, account = strategy.prefix, strategy.account
    key = f"{naming.BUNDLES}/{service}/{version}{bundle.suffix}"
    for region in (strategy.regions.primary, strategy.regions.recovery):
        bucket, s3 = naming.shared_data_bucket(prefix, region, account), client("s3", region)
        if region == strategy.regions.primary:
            s3.upload_file(str(bundle), bucket, key)
        else:
            s3.get_waiter("object_exists").wait(Bucket=bucket, Key=key, WaiterConfig=_REPLICATION)
        beanstalk = client("elasticbeanstalk", region)
        application = naming.service_application(prefix)
        label = naming.version_label(service, version)
        known = beanstalk.describe_application_versions(ApplicationName=application, VersionLabels=[label])
        if not known["ApplicationVersions"]:
            beanstalk.create_application_version(
                ApplicationName=application, VersionLabel=label, SourceBundle={"S3Bucket": bucket, "S3Key": key}, Process=True
            )
        record(client("ssm", region), prefix, service, version=label, platform=platform)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployment.release", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("environment")
    parser.add_argument("service")
    for option in ("version", "platform"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--bundle", required=True, type=Path)
    given = parser.parse_args(arguments)

    def client(name: str, region: str) -> Any:
        import boto3

        session: Any = boto3.session.Session(region_name=region)
        return session.client(name)

    try:
        strategy = load(given.environment)
        known = [each.name for each in strategy.services]
        if given.service not in known:
            raise StrategyError(f"service: found {given.service!r}; allowed: {', '.join(known)}")
        if not given.bundle.is_file():
            raise StrategyError(f"--bundle: there is no file {given.bundle}")
        release(strategy, client, given.service, version=given.version, platform=given.platform, bundle=given.bundle)
    except StrategyError as error:
        print(f"release: {error}", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError, WaiterError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
