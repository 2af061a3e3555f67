"""The way of a customer into the embedded AWS: names by their records, failover by metrics, a balancer that may be shut."""

from __future__ import annotations

import threading
import urllib.request
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from aws_rehearsal import Cloud
from aws_rehearsal.web.proxy import NoAnswer
from aws_support.deployments import deploy, ref, resource

HOME, OTHER = "ap-southeast-1", "ap-southeast-2"
ZONE = "bank.example"
NAME = f"api.{ZONE}"
ALARM = "bank-switch"
COMPARISONS = {HOME: "LessThanThreshold", OTHER: "GreaterThanOrEqualToThreshold"}


def publish(cloud: Cloud, region: str, value: int) -> None:
    data = {"MetricName": "Switch", "Timestamp": cloud.clock.now(), "Value": float(value)}
    cloud.client("cloudwatch", region).put_metric_data(Namespace="bank", MetricData=[data])


def check(region: str, without_data: str) -> dict[str, Any]:
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Name": ALARM, "Region": region},
        "InsufficientDataHealthStatus": without_data,
    }
    return resource("Route53::HealthCheck", HealthCheckConfig=config)


@pytest.fixture
def failover(cloud: Cloud, request: pytest.FixtureRequest) -> Cloud:
    """Records and checks as the cutover stack deploys them."""
    for region, comparison in COMPARISONS.items():
        cloud.client("cloudwatch", region).put_metric_alarm(
            AlarmName=ALARM, Namespace="bank", MetricName="Switch", Statistic="Maximum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator=comparison,
        )  # fmt: skip
    for zone in cloud.client("route53", HOME).list_hosted_zones()["HostedZones"]:
        empty(cloud, zone["Id"])
    cloud.client("route53", HOME).create_hosted_zone(Name=ZONE, CallerReference=str(cloud.clock.now()))
    common = {"HostedZoneName": f"{ZONE}.", "Name": f"{NAME}.", "Type": "CNAME", "TTL": "60"}
    children = [ref("Away"), ref("Back")]
    either = {"Type": "CALCULATED", "ChildHealthChecks": children, "HealthThreshold": 1}
    resources = {
        "Away": check(OTHER, "LastKnownStatus"),
        "Back": check(HOME, "Unhealthy"),
        "Home": resource("Route53::HealthCheck", HealthCheckConfig=either),
        **{
            role.title(): resource(
                "Route53::RecordSet",
                **common,
                **({"HealthCheckId": ref("Home")} if role == "PRIMARY" else {}),
                SetIdentifier=region,
                Failover=role,
                ResourceRecords=[f"{region}.{NAME}"],
            )
            for role, region in (("PRIMARY", HOME), ("SECONDARY", OTHER))
        },
    }
    stack = request.node.name.replace("_", "-")  # CloudFormation forgets no stack with the region
    assert deploy(cloud, stack, resources)["StackStatus"] == "CREATE_COMPLETE"
    return cloud


def empty(cloud: Cloud, zone: str) -> None:
    """A zone's name would else be there twice: Route 53 has no region that a test could lose."""
    route53 = cloud.client("route53", HOME)
    for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]:
        if record["Type"] not in {"NS", "SOA"}:
            change = {"Action": "DELETE", "ResourceRecordSet": record}
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    route53.delete_hosted_zone(Id=zone)


def leads_to(cloud: Cloud) -> str:
    assert cloud.web is not None
    return cloud.web.dns.path(NAME)[-1].partition(".")[0]


def test_nothing_published_leads_home(failover: Cloud) -> None:
    assert leads_to(failover) == HOME


@pytest.mark.proves("region-loss.cutover")
def test_a_claim_of_the_other_region_leads_there_and_its_end_leads_back(failover: Cloud) -> None:
    publish(failover, OTHER, 1)
    assert leads_to(failover) == OTHER
    failover.clock.advance_to(failover.clock.now() + timedelta(minutes=2))
    publish(failover, OTHER, 0)
    assert leads_to(failover) == HOME


def test_home_takes_traffic_back_while_the_other_still_claims_it(failover: Cloud) -> None:
    publish(failover, OTHER, 1)
    publish(failover, HOME, 1)
    assert leads_to(failover) == HOME


def test_what_was_claimed_last_holds_though_nobody_asked_while_it_was_new(failover: Cloud) -> None:
    publish(failover, OTHER, 1)
    assert leads_to(failover) == OTHER
    failover.clock.advance_to(failover.clock.now() + timedelta(minutes=2))
    publish(failover, OTHER, 0)
    failover.clock.advance_to(failover.clock.now() + timedelta(minutes=30))
    assert leads_to(failover) == HOME


def test_a_gap_in_the_claim_changes_nothing(failover: Cloud) -> None:
    publish(failover, OTHER, 1)
    assert leads_to(failover) == OTHER
    failover.clock.advance_to(failover.clock.now() + timedelta(minutes=30))
    assert leads_to(failover) == OTHER


def test_a_lost_region_publishes_nothing_and_is_not_called(failover: Cloud) -> None:
    publish(failover, OTHER, 1)
    failover.lose_region(HOME)
    assert leads_to(failover) == OTHER
    assert not failover.gateway.calls_after_loss


def test_a_check_of_an_alarm_that_is_not_there_is_refused(cloud: Cloud) -> None:
    stack = deploy(cloud, "alone", {"Away": check(OTHER, "Healthy")})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("has no alarm bank-switch" in each for each in stack["Reasons"])


# ---------------------------------------------------------------------- the balancer and what is behind it
HEALTH = "/user/actuator/health"


class Server:
    """A service as Elastic Beanstalk starts it, with an HTTP side that answers as it is told."""

    path = "/user"

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {HEALTH: (200, b'{"status": "UP"}')}
        self._http: ThreadingHTTPServer | None = None

    @property
    def running(self) -> bool:
        return self._http is not None

    @property
    def port(self) -> int:
        return self._http.server_port if self._http else 0

    def start(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"answers": self.answers}))
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._http:
            self._http.shutdown()
            self._http.server_close()
        self._http = None


class _Answers(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, bytes]]]

    def do_GET(self) -> None:
        status, body = self.answers[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Silent."""


@pytest.fixture
def entrance(cloud: Cloud) -> tuple[str, str]:
    """Address of a balancer, and its security group, which is closed."""
    ec2, elbv2 = cloud.client("ec2", HOME), cloud.client("elbv2", HOME)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{HOME}{zone}")["Subnet"]["SubnetId"]
        for zone, cidr in zones
    ]
    group = ec2.create_security_group(GroupName="balancer", Description="balancer", VpcId=vpc)["GroupId"]
    made = elbv2.create_load_balancer(Name="bank", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]
    return f"http://{made['DNSName']}", group


def let_in(cloud: Cloud, group: str) -> None:
    world = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    cloud.client("ec2", HOME).authorize_security_group_ingress(GroupId=group, IpPermissions=[world])


def asked(cloud: Cloud, address: str) -> tuple[int, bytes]:
    assert cloud.web is not None
    return cloud.web.answer(address)


def install(cloud: Cloud, server: Server) -> None:
    cloud.application_servers["bank-user"] = server
    beanstalk = cloud.client("elasticbeanstalk", HOME)
    beanstalk.create_application(ApplicationName="bank")
    beanstalk.create_environment(ApplicationName="bank", EnvironmentName="bank-user")


def test_a_closed_security_group_lets_nobody_in(cloud: Cloud, entrance: tuple[str, str]) -> None:
    address, group = entrance
    install(cloud, Server())
    with pytest.raises(NoAnswer):
        asked(cloud, f"{address}/user/actuator/health")
    let_in(cloud, group)
    assert asked(cloud, f"{address}/user/actuator/health") == (200, b'{"status": "UP"}')


def test_a_service_that_cannot_read_a_store_says_which(cloud: Cloud, entrance: tuple[str, str]) -> None:
    address, group = entrance
    server = Server()
    install(cloud, server)
    let_in(cloud, group)
    server.answers[f"{HEALTH}/stores"] = (503, b'{"components": {"mysql": {"status": "DOWN"}}}')
    status, body = asked(cloud, f"{address}/user/actuator/health/stores")
    assert (status, b'"mysql": {"status": "DOWN"}' in body) == (503, True)


def test_without_a_service_the_balancer_answers_503(cloud: Cloud, entrance: tuple[str, str]) -> None:
    address, group = entrance
    let_in(cloud, group)
    assert asked(cloud, f"{address}/user/actuator/health")[0] == 503
    server = Server()
    install(cloud, server)
    server.stop()
    assert asked(cloud, f"{address}/user/actuator/health")[0] == 503


def test_a_lost_region_and_an_unknown_name_answer_nothing(cloud: Cloud, entrance: tuple[str, str]) -> None:
    address, _ = entrance
    cloud.lose_region(HOME)
    for nobody in (address, "http://nowhere.example"):
        with pytest.raises(NoAnswer):
            asked(cloud, nobody)


def test_a_function_asks_by_plain_http(cloud: Cloud, entrance: tuple[str, str]) -> None:
    """As the proxy of its requests: what is dropped has no answer, what is let in has the service's own."""
    address, group = entrance
    install(cloud, Server())
    assert cloud.web is not None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": cloud.web.address("smoke-test")}))
    with pytest.raises(OSError, match="closed connection"):
        opener.open(f"{address}/user/actuator/health", timeout=120)
    let_in(cloud, group)
    with opener.open(f"{address}/user/actuator/health", timeout=120) as response:
        assert response.read() == b'{"status": "UP"}'
