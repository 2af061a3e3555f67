"""What RDS sells: moto lists no instance classes for MySQL, and a pre-flight that finds none is red, rightly."""

from __future__ import annotations

from werkzeug.wrappers import Response

from strategy import Strategy
from strategy.model.strategy import MySqlStore

_OPTION = (
    "<OrderableDBInstanceOption><Engine>mysql</Engine><EngineVersion>{version}.40</EngineVersion></OrderableDBInstanceOption>"
)


class Catalogue:
    """An interceptor of the gateway: every version of the strategy is offered, in every class."""

    def __init__(self, strategy: Strategy) -> None:
        versions = {store.engine_version for store in strategy.stores if isinstance(store, MySqlStore)}
        self._options = "".join(_OPTION.format(version=each) for each in sorted(versions))

    def __call__(self, _region: str, service: str, operation: str) -> Response | None:
        if (service, operation) != ("rds", "DescribeOrderableDBInstanceOptions"):
            return None
        name = "DescribeOrderableDBInstanceOptions"
        listed = f"<OrderableDBInstanceOptions>{self._options}</OrderableDBInstanceOptions>"
        body = f"<{name}Response><{name}Result>{listed}</{name}Result></{name}Response>"
        return Response(body, content_type="text/xml")
