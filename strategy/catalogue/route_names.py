"""What a person calls a route: the field's term. A route's id stays what plans, records and AWS hold; it is read as well."""

from __future__ import annotations

from strategy.catalogue.routes import Route

_ROUTES = {"mysql-point-in-time": Route.MYSQL_TO_A_MOMENT, "dynamodb-point-in-time": Route.DYNAMODB_TO_A_MOMENT}
_NAMES = {route: name for name, route in _ROUTES.items()}


def name_of(route: Route) -> str:
    return _NAMES.get(route, str(route))


def route_id(typed: str) -> str:
    """The id behind a name; whatever is no name as it is, for the caller to judge."""
    return str(_ROUTES.get(typed, typed))


def listed() -> tuple[str, ...]:
    """Every route as help and messages show it: its name, and its id where that is another word."""
    return tuple(f"{name} ({route})" if (name := name_of(route)) != route else name for route in Route)
