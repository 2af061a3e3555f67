"""The app's assemblies, from the real environment files and a stand-in for the functions' bundle, each synthesised once."""

from __future__ import annotations

from pathlib import Path

import pytest

from strategy import load
from tests.assemblies import synthesised
from tests.stacks.assembly import Assembly, Synthesise

ENVIRONMENTS = ("dev", "staging", "prod")
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module share what it reads and makes: they go to one worker."""
    for item in items:
        if item.path.parent == HERE and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(f"stacks-{item.path.stem}"))


@pytest.fixture(scope="session")
def synthesise() -> Synthesise:
    def synthesise(
        environment: str,
        *,
        primary: str | None = None,
        recovery: str | None = None,
        checked: bool = False,
        acknowledged: bool = True,
        fresh: bool = False,
        **changes: object,
    ) -> Assembly:
        """`checked`, unlike app.py, by CloudFormation's rules and cdk-nag's: three times the work, for who looks at findings."""
        strategy = load(environment, primary=primary, recovery=recovery).model_copy(update=changes)
        return Assembly(synthesised(strategy, checked=checked, acknowledged=acknowledged, fresh=fresh), strategy)

    return synthesise


@pytest.fixture(scope="session")
def environments(synthesise: Synthesise) -> dict[str, Assembly]:
    """All of them, as their files say."""
    return {environment: synthesise(environment, checked=True) for environment in ENVIRONMENTS}


@pytest.fixture(scope="session")
def assembly(synthesise: Synthesise) -> Assembly:
    return synthesise("dev", checked=True)


@pytest.fixture(scope="session")
def swapped(synthesise: Synthesise, assembly: Assembly) -> Assembly:
    """The same environment with its two regions in each other's role."""
    regions = assembly.strategy.regions
    return synthesise("dev", primary=regions.recovery, recovery=regions.primary)


@pytest.fixture(scope="session")
def primary(assembly: Assembly) -> str:
    return assembly.strategy.regions.primary


@pytest.fixture(scope="session")
def recovery(assembly: Assembly) -> str:
    return assembly.strategy.regions.recovery
