"""The app's assembly, synthesised once per session from the real environment files and a stand-in for the functions' bundle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from components.function import checking_signatures
from stacks import build
from strategy import load
from tests.stacks.assembly import Assembly, Synthesise

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]
ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    bundle = tmp_path_factory.mktemp("bundles") / "functions"
    for each in (bundle, checking_signatures(bundle)):
        each.mkdir()
        (each / "recovery.py").write_text(f"the code of {each.name}\n")

    def synthesise(environment: str, *, primary: str | None = None, recovery: str | None = None, **changes: object) -> Assembly:
        strategy = load(environment, primary=primary, recovery=recovery).model_copy(update=changes)
        directory = tmp_path_factory.mktemp("assembly")
        # Unlike app.py, with CloudFormation's rules and cdk-nag's; test_nag.py looks at what they found.
        app = App(outdir=str(directory), analytics_reporting=False, builtin_cloud_formation_validation=True, context=CONTEXT)
        Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
        build(app, strategy, bundle)
        try:
            app.synth()
        except RuntimeError as error:
            if "ValidationFailed" not in str(error):
                raise
        return Assembly(directory, strategy)

    return synthesise


@pytest.fixture(scope="session")
def environments(synthesise: Synthesise) -> dict[str, Assembly]:
    """All of them, as their files say."""
    return {environment: synthesise(environment) for environment in ENVIRONMENTS}


@pytest.fixture(scope="session")
def assembly(environments: dict[str, Assembly]) -> Assembly:
    return environments["dev"]


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
