"""A runbook's page: the template of its route, filled with the facts of an environment."""

from __future__ import annotations

from pathlib import Path

from recovery.pages import environment as pages
from recovery.runbooks import facts
from strategy import Strategy
from strategy.catalogue.route_names import listed
from strategy.catalogue.routes import Route

REGION = "region"
"""The loss of a region: not a route of one store."""
ROUTES = (*(str(route) for route in Route), REGION)
_TEMPLATES = Path(__file__).with_name("templates")


def render(strategy: Strategy, route: str, store: str | None = None) -> str:
    """Markdown. `route` is one of ROUTES; `store` by its name, where there is more than one of the route's kind.

    Raises ValueError for another route, and KeyError for a store that is not there or not of the route's kind.
    """
    if route not in ROUTES:
        raise ValueError(f"found {route!r}; allowed: {', '.join([*listed(), REGION])}")
    if route == REGION:
        found = facts.of_region(strategy)
    else:
        found = facts.of_route(strategy, Route(route), _store(strategy, Route(route), store))
    return pages.render(_TEMPLATES / f"{route}.md.j2", **found)


def _store(strategy: Strategy, route: Route, name: str | None) -> facts.Store:
    fitting = [each for each in strategy.stores if each.kind == route.kind and name in {None, each.name}]
    if not fitting:
        raise KeyError(f"{strategy.environment} has no {route.kind} store{f' {name!r}' if name else ''}")
    return fitting[0]
