"""Prices and bills from AWS: the calls are right by botocore's own models, the answers are read, and what is missing is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber

from recovery import prices
from recovery.aws import AwsTrouble, NotChecked, Region
from recovery.billing import Billed
from recovery.prices import Query
from strategy import load
from strategy.cost import Prices, monthly

DAY = date(2026, 11, 26)
QUERY = Query("dynamodb_pitr", "GB-month", "AmazonDynamoDB", r"TimedPITRStorage-ByteHrs")


def product(usage: str, *tiers: tuple[str, str]) -> str:
    """As the API has it: a product and its terms, as text; tiers are (first unit, dollars)."""
    dimensions = {
        f"D{index}": {"beginRange": begin, "pricePerUnit": {"USD": usd}, "unit": "GB-Mo"}
        for index, (begin, usd) in enumerate(tiers)
    }
    return json.dumps(
        {"product": {"attributes": {"usagetype": usage}}, "terms": {"OnDemand": {"T": {"priceDimensions": dimensions}}}}
    )


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Stubber]]:
    """Clients of the price list and of Cost Explorer whose answers the test queues."""
    clients: dict[str, Any] = {name: boto3.client(name, region_name="us-east-1") for name in ("pricing", "ce")}
    stubs = {name: Stubber(client) for name, client in clients.items()}
    monkeypatch.setattr(Region, "client", lambda _, service: clients[service])
    for each in stubs.values():
        each.activate()
    yield stubs
    for each in stubs.values():
        each.assert_no_pending_responses()


def expected(query: Query, region: str, token: str | None = None) -> dict[str, Any]:
    filters = [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}]
    return {"ServiceCode": query.service, "Filters": filters} | ({"NextToken": token} if token else {})


def test_a_price_is_found_by_its_usage_type_on_whichever_page(stubbed: dict[str, Stubber]) -> None:
    """Beside it are others that end alike; a free tier is no price."""
    region = "ap-southeast-1"
    stubbed["pricing"].add_response(
        "get_products",
        {"PriceList": [product("APS1-TimedStorage-ByteHrs", ("0", "0.285"))], "NextToken": "2"},
        expected(QUERY, region),
    )
    stubbed["pricing"].add_response(
        "get_products",
        {"PriceList": [product("APS1-TimedPITRStorage-ByteHrs", ("0", "0.0000000000"), ("25", "0.2280000000"))]},
        expected(QUERY, region, "2"),
    )
    found = prices._first(Region("us-east-1"), QUERY, [("regionCode", region)], region, DAY)
    assert found is not None
    assert (found.what, found.region, found.usd, found.on, found.checked) == ("dynamodb_pitr", region, 0.228, DAY, True)
    assert found.source == "AWS Price List API, AmazonDynamoDB, usage type ending in TimedPITRStorage-ByteHrs"


def test_a_usage_type_that_only_ends_alike_is_not_taken(stubbed: dict[str, Stubber]) -> None:
    query = Query("rds_storage", "GB-month", "AmazonRDS", r"RDS:GP3-Storage")
    for usage, taken in (("APS1-RDS:Multi-AZ-GP3-Storage", False), ("APS1-RDS:GP3-Storage", True), ("RDS:GP3-Storage", True)):
        stubbed["pricing"].add_response("get_products", {"PriceList": [product(usage, ("0", "0.138"))]}, expected(query, "x"))
        assert (prices._first(Region("us-east-1"), query, [("regionCode", "x")], "x", DAY) is not None) == taken


@pytest.mark.proves("cost.monthly")
def test_a_refresh_asks_for_both_regions_and_tells_what_the_list_does_not_have(stubbed: dict[str, Stubber]) -> None:
    """Every query is answered with writes to a replica: only that price is found, in our unit, and the rest is named."""
    strategy = load("dev")
    asked = 2 * (len(prices._QUERIES) + 1 + 1)
    for _ in range(asked):
        answer = {"PriceList": [product("APS1-ReplWriteRequestUnits", ("0", "0.00000071"))]}
        stubbed["pricing"].add_response("get_products", answer, {"ServiceCode": ANY, "Filters": ANY})
    found, missing = prices.refreshed(strategy, DAY)
    assert [(each.what, each.region) for each in found] == [
        ("dynamodb_replicated_write", "ap-southeast-1"),
        ("dynamodb_replicated_write", "ap-southeast-2"),
    ]
    assert found[0].usd == pytest.approx(0.71)
    assert len(missing) == asked - 2
    assert {"rds db.t4g.micro in ap-southeast-2", "transfer from ap-southeast-1"} <= set(missing)
    merged = Prices.load().merged(found)
    assert monthly(strategy, merged, DAY).unpriced == ()


def test_the_bill_is_of_the_last_whole_month_and_of_backups_only(stubbed: dict[str, Stubber]) -> None:
    amounts = {
        "APS1-TimedBackupStorage-ByteHrs": "1.50",
        "APS1-RDS:ChargedBackupUsage": "2.25",
        "APS1-InstanceUsage:db.m7g.large": "300",
    }
    groups = [{"Keys": [usage], "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}} for usage, usd in amounts.items()]
    stubbed["ce"].add_response(
        "get_cost_and_usage",
        {"ResultsByTime": [{"TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"}, "Groups": groups}]},
        {
            "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": ANY,
            "Filter": ANY,
        },
    )
    found = prices.billed(DAY)
    assert isinstance(found, Billed)
    assert found.month == date(2026, 10, 1)
    assert found.usage == (("APS1-RDS:ChargedBackupUsage", 2.25), ("APS1-TimedBackupStorage-ByteHrs", 1.5))
    assert found.usd == 3.75


def test_a_refused_bill_is_not_checked(stubbed: dict[str, Stubber]) -> None:
    stubbed["ce"].add_client_error("get_cost_and_usage", "AccessDeniedException", "no", 400)
    assert prices.billed(DAY) == NotChecked("GetCostAndUsage was refused (AccessDeniedException)")


def test_a_price_list_that_does_not_answer_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def get_products(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://api.pricing.us-east-1.amazonaws.com")

    monkeypatch.setattr(Region, "client", lambda *_: Down())
    with pytest.raises(AwsTrouble, match="us-east-1 could not be asked"):
        prices.refreshed(load("dev"), DAY)
