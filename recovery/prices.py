"""Prices from the AWS Price List API, and what was really billed from Cost Explorer. Both are asked only when a person says so.

The Price List API lives in a few regions and knows all of them; it is asked in us-east-1, which no recovery needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from recovery import billing
from recovery.aws import NotChecked, Region, ask, must
from recovery.billing import HOME, Billed
from strategy import Strategy
from strategy.cost import Price
from strategy.model.stores import MySqlStore


@dataclass(frozen=True, slots=True)
class Query:
    """How a price is found: the service, exact attributes of the product, and what its usage type ends with."""

    what: str
    unit: str
    service: str
    usage: str
    attributes: tuple[tuple[str, str], ...] = ()
    factor: float = 1.0
    """From AWS's unit to ours."""


_QUERIES = (
    Query("rds_backup_storage", "GB-month", "AmazonRDS", r"RDS:ChargedBackupUsage", (("databaseEngine", "MySQL"),)),
    Query("rds_storage", "GB-month", "AmazonRDS", r"RDS:GP3-Storage", (("databaseEngine", "MySQL"),)),
    Query("dynamodb_backup", "GB-month", "AmazonDynamoDB", r"TimedBackupStorage-ByteHrs"),
    Query("dynamodb_pitr", "GB-month", "AmazonDynamoDB", r"TimedPITRStorage-ByteHrs"),
    Query("dynamodb_storage", "GB-month", "AmazonDynamoDB", r"TimedStorage-ByteHrs"),
    Query("dynamodb_restore", "GB", "AmazonDynamoDB", r"RestoreDataSize-Bytes"),
    Query("dynamodb_replicated_write", "million", "AmazonDynamoDB", r"ReplWriteRequestUnits", factor=10**6),
    Query("alarm", "alarm-month", "AmazonCloudWatch", r"CW:AlarmMonitorUsage"),
    Query("metric", "metric-month", "AmazonCloudWatch", r"CW:MetricMonitorUsage"),
    Query("dashboard", "dashboard-month", "AmazonCloudWatch", r"DashboardsUsageHour(-Basic)?"),
    Query("lambda_second", "GB-second", "AWSLambda", r"Lambda-GB-Second"),
    Query("lambda_request", "million", "AWSLambda", r"Request", factor=10**6),
    Query("secret", "secret-month", "AWSSecretsManager", r"AWSSecretsManager-Secrets?"),
    Query("config_item", "item", "AWSConfig", r"ConfigurationItemRecorded"),
    Query("load_balancer", "hour", "AWSELB", r"LoadBalancerUsage", (("operation", "LoadBalancing:Application"),)),
)


def refreshed(strategy: Strategy, day: date) -> tuple[list[Price], list[str]]:
    """Prices of the strategy's two regions, and the names of those that the API did not tell. Raises AwsTrouble."""
    region = Region(HOME)
    found: list[Price] = []
    missing: list[str] = []
    for place in (strategy.regions.primary, strategy.regions.recovery):
        for query in (*_QUERIES, *_instances(strategy)):
            price = _first(region, query, [("regionCode", place), *query.attributes], place, day)
            found += [price] if price else []
            missing += [] if price else [f"{query.what} in {place}"]
        between = [("fromRegionCode", place), ("toRegionCode", strategy.regions.other(place))]
        query = Query("transfer", "GB", "AWSDataTransfer", r"AWS-Out-Bytes")
        price = _first(region, query, between, place, day)
        found += [price] if price else []
        missing += [] if price else [f"transfer from {place}"]
    return found, missing


def _instances(strategy: Strategy) -> Iterator[Query]:
    for name in sorted({store.instance_class for store in strategy.stores if isinstance(store, MySqlStore)}):
        exact = (("instanceType", name), ("databaseEngine", "MySQL"), ("deploymentOption", "Single-AZ"))
        yield Query(f"rds {name}", "hour", "AmazonRDS", rf"InstanceUsage:{re.escape(name)}", exact)


def _first(region: Region, query: Query, attributes: list[tuple[str, str]], place: str, day: date) -> Price | None:
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in attributes]
    pricing = region.client("pricing")
    token: dict[str, str] = {}
    while True:
        page: Any = must(HOME, lambda: pricing.get_products(ServiceCode=query.service, Filters=filters, **token))  # noqa: B023
        for text in page["PriceList"]:
            usd = _usd(json.loads(text), query)
            if usd is not None:
                source = f"AWS Price List API, {query.service}, usage type ending in {query.usage}".replace("\\", "")
                return Price(query.what, place, usd * query.factor, query.unit, source, day, checked=True)
        if not page.get("NextToken"):
            return None
        token = {"NextToken": page["NextToken"]}


def _usd(product: dict[str, Any], query: Query) -> float | None:
    """The first paid tier on demand; a free tier is an allowance of the whole account, and is not reckoned with."""
    if not re.search(rf"(^|-){query.usage}$", product["product"]["attributes"].get("usagetype", "")):
        return None
    tiers = [tier for term in product["terms"].get("OnDemand", {}).values() for tier in term["priceDimensions"].values()]
    paid = [
        (float(tier["beginRange"]), float(tier["pricePerUnit"]["USD"])) for tier in tiers if float(tier["pricePerUnit"]["USD"])
    ]
    return min(paid)[1] if paid else None


def billed(day: date) -> Billed | NotChecked:
    """The last whole month, asked by a person. Cost Explorer takes a cent for it, and has to be enabled once for the account."""
    explorer = Region(HOME).client("ce")
    return ask(HOME, lambda: billing.billed(explorer, day))
