"""Elastic Beanstalk: an application server is started with its environment, restarted on request, and ends with its region."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud

HOME, OTHER = "ap-southeast-1", "ap-southeast-2"


class Server:
    """Remembers what was done with it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.done: list[str] = []
        self.fails = False
        self.started_at = cloud.clock.now()
        self.running = False

    def start(self) -> None:
        self.done.append("start")
        if self.fails:
            raise OSError("no database")
        self.started_at, self.running = self.cloud.clock.now(), True

    def stop(self) -> None:
        self.done.append("stop")
        self.running = False


@pytest.fixture
def server(cloud: Cloud) -> Server:
    """In the environment `bank-user` of the application `bank`, Ready."""
    server = Server(cloud)
    cloud.application_servers["bank-user"] = server
    beanstalk = cloud.client("elasticbeanstalk", HOME)
    beanstalk.create_application(ApplicationName="bank")
    assert beanstalk.create_environment(ApplicationName="bank", EnvironmentName="bank-user")["Status"] == "Launching"
    pass_minutes(cloud, 5)
    return server


def pass_minutes(cloud: Cloud, minutes: float) -> None:
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=minutes))


def seen(cloud: Cloud, region: str = HOME) -> tuple[str, str]:
    found = cloud.client("elasticbeanstalk", region).describe_environments(EnvironmentNames=["bank-user"])["Environments"]
    return (found[0]["Status"], found[0]["Health"]) if found else ("", "")


def test_an_environment_runs_its_server_from_its_creation_on(cloud: Cloud, server: Server) -> None:
    assert server.done == ["start"]
    assert seen(cloud) == ("Ready", "Green")
    assert seen(cloud, OTHER) == ("", "")


def test_a_restart_stops_the_server_and_starts_it_anew_a_minute_later(cloud: Cloud, server: Server) -> None:
    asked = cloud.clock.now()
    with cloud.gateway.working():  # the clock leaps only when nothing is in flight
        cloud.client("elasticbeanstalk", HOME).restart_app_server(EnvironmentName="bank-user")
        assert seen(cloud) == ("Updating", "Grey")
    pass_minutes(cloud, 2)
    assert server.done == ["start", "stop", "start"]
    assert server.started_at - asked >= timedelta(minutes=1)
    assert seen(cloud) == ("Ready", "Green")


def test_a_server_that_does_not_come_up_is_red_and_no_error_of_the_restart(cloud: Cloud, server: Server) -> None:
    server.fails = True
    cloud.client("elasticbeanstalk", HOME).restart_app_server(EnvironmentName="bank-user")
    pass_minutes(cloud, 2)
    assert seen(cloud) == ("Ready", "Red")


def test_an_environment_that_is_not_there_is_refused_by_name(cloud: Cloud, server: Server) -> None:
    with pytest.raises(ClientError, match="No Environment found for EnvironmentName = 'bank-users'") as refusal:
        cloud.client("elasticbeanstalk", HOME).restart_app_server(EnvironmentName="bank-users")
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterValue"
    with pytest.raises(ClientError, match="No Environment found"):
        cloud.client("elasticbeanstalk", OTHER).restart_app_server(EnvironmentName="bank-user")
    assert server.done == ["start"]


def test_an_environment_without_an_application_server_is_refused(cloud: Cloud) -> None:
    beanstalk = cloud.client("elasticbeanstalk", HOME)
    beanstalk.create_application(ApplicationName="bank")
    with pytest.raises(ClientError, match="no application server for bank-nobody"):
        beanstalk.create_environment(ApplicationName="bank", EnvironmentName="bank-nobody")


def test_a_terminated_environment_is_gone_with_its_server(cloud: Cloud, server: Server) -> None:
    cloud.client("elasticbeanstalk", HOME).terminate_environment(EnvironmentName="bank-user")
    assert server.done == ["start", "stop"]
    assert seen(cloud) == ("", "")


def test_a_lost_region_stops_its_servers_and_a_restart_under_way_starts_none(cloud: Cloud, server: Server) -> None:
    with cloud.gateway.working():
        cloud.client("elasticbeanstalk", HOME).restart_app_server(EnvironmentName="bank-user")
        cloud.lose_region(HOME)
    pass_minutes(cloud, 2)
    assert not server.running
    assert server.done.count("start") == 1
