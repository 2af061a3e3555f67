"""One rehearsal from start to end: check the input, start the cloud, deploy, load the bank, run the scenario, report.

Enters: what the command line was given. Leaves: `result.json`, `report.html`, logs, and nothing running. Wrong input is refused
before anything is started.
"""

from __future__ import annotations

import shlex
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from aws_rehearsal import Cloud, CloudFormation, ForeignFolder, MariaDbMissing
from aws_rehearsal import require as require_mariadb
from rehearsal.api_deployment import StackFailed, deploy_assembly
from rehearsal.audit_report import audit
from rehearsal.bank import create_heartbeat, create_verifier
from rehearsal.bank import load as load_bank
from rehearsal.bank.generator import Bank, generate
from rehearsal.cdk import Cdk, CdkError
from rehearsal.options import Options, UsageError
from rehearsal.progress import Detail, Progress
from rehearsal.report import render
from rehearsal.report.terminal import draw
from rehearsal.result import Denial, Result
from rehearsal.scenarios import SCENARIOS, Context, ScenarioFailed, World
from rehearsal.scenarios.application import create_users, install, release
from rehearsal.scenarios.people import People
from rehearsal.scenarios.stores import Stores
from rehearsal.summary import print_summary
from rehearsal.synthesis import Synthesis, claim_output, named
from rehearsal.synthesis import of as synthesis_of
from strategy import StrategyError, load

ADMINISTRATOR = "administrator"
"""Access key id of the person who works by hand with a cloud that is kept serving."""


def rehearse(
    scenario: str,
    options: Options,
    console: Console,
    *,
    synthesis: Synthesis | None = None,
    at_the_end: Callable[[Context], None] | None = None,
) -> Result:
    """Run one scenario, or several after one another; the result is written and printed whether they succeeded or not.

    `synthesis`: of these options' stacks, begun before. `at_the_end` is given the cloud as the scenarios left it.
    """
    names = options.check(scenario)
    with prepared(options, console, claimed=synthesis is not None) as context:
        started = time.perf_counter()
        result = context.result
        try:
            world = deploy_and_load(context, assembly=options.assembly, synthesis=synthesis)
            for name in names:  # what follows a failure would say nothing
                result.add(SCENARIOS[name](context, world), of=len(names))
            world.application.stop()
        except (CdkError, ScenarioFailed, StackFailed) as failure:
            result.findings.append(str(failure))
        except Exception as error:  # noqa: BLE001  a fault of the rehearsal's own: what was seen until then is reported all the same
            log = options.output / "error.log"
            log.write_text(traceback.format_exc(), encoding="utf-8")
            result.findings.append(f"the rehearsal broke off: {type(error).__name__}: {error}; where, is in {log}")
        result.calls_to_lost_region_after_outage = sum(context.cloud.gateway.calls_after_loss.values())
        if result.calls_to_lost_region_after_outage:
            result.findings.append(f"the lost region was called after the outage: {dict(context.cloud.gateway.calls_after_loss)}")
        page = _audited(context) if result.scenarios else None
        _judged(context)
        if at_the_end is not None:
            at_the_end(context)
        result.steps = context.progress.steps
        result.wall_seconds = round(time.perf_counter() - started, 1)
    result.write(options.output / "result.json")
    render(result, options.output / "report.html")
    typed = f"python -m rehearsal run --scenario {scenario} --seed {options.seed}"
    draw(result, options.output, page, options.output / "terminal.svg", command=typed)
    print_summary(result, options.output, console, page)
    return result


def _audited(context: Context) -> Path | None:
    """After the calls to the lost region were counted: the report asks both regions, and says which did not answer."""
    with context.progress.step("Write the auditor's report") as detail:
        page = audit(context)
        if page is not None:
            detail.note(f"from the records of {context.recovery}: {page}")
    return page


def _judged(context: Context) -> None:
    """Whoever was denied something would be on AWS too: a finding, even where the scenario got over it."""
    result, judged = context.result, context.cloud.guard.counted()
    result.decisions = judged.total()
    result.denials = sorted(
        (
            Denial(each.role.rpartition("/")[2], each.action, each.resource, each.why, times)
            for each, times in judged.items()
            if not each.allowed
        ),
        key=str,
    )
    result.denied = [str(each) for each in result.denials]
    result.findings += result.denied


def keep_serving(options: Options, console: Console) -> None:
    """Deploy, load, say how to talk to the cloud, and wait to be stopped."""
    with prepared(options, console) as context:
        try:
            deploy_and_load(context)
        except (CdkError, ScenarioFailed, StackFailed) as failure:
            raise UsageError(str(failure)) from failure
        endpoint, region = context.cloud.endpoint, context.primary
        credentials = (options.output / "credentials").absolute()
        context.cloud.credentials(ADMINISTRATOR).write(credentials)
        console.print(f"\nThe embedded AWS listens on [bold]{endpoint}[/] (this machine only). In another terminal:\n")
        for line in (
            "unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
            f"export AWS_SHARED_CREDENTIALS_FILE={shlex.quote(str(credentials))}",
            f"export AWS_ENDPOINT_URL={endpoint} AWS_REGION={region}",
            "aws backup list-recovery-points-by-backup-vault --backup-vault-name " + f"{context.strategy.prefix}-backup-vault",
            f"npx cdk deploy --all -c environment={options.environment}",
        ):
            console.print(f"  {line}", highlight=False, soft_wrap=True)
        console.print("\nCtrl-C ends it, and everything in it.")
        try:
            while True:
                time.sleep(1)
                context.cloud.clock.raise_errors()
        finally:
            credentials.unlink(missing_ok=True)


def deploy_and_load(
    context: Context, *, bank: Bank | None = None, assembly: Path | None = None, synthesis: Synthesis | None = None
) -> World:
    """Bootstrap and deploy with the CDK command line, load the bank and start its services: two numbered steps.

    `bank` is another one than the seed's whole bank. `assembly` was synthesised before, from this context's strategy: it is
    deployed through CloudFormation's API, and no command line is started. `synthesis` is one that was begun before.
    """
    strategy, cloud, progress = context.strategy, context.cloud, context.progress
    with progress.step(f"Deploy the stacks to {context.primary} and {context.recovery}") as detail:
        if assembly is None:
            _deploy_by_command_line(context, detail, synthesis)
        else:
            release(cloud, strategy)
            deploy_assembly(cloud, strategy, assembly)
        context.people.enrol(strategy)
        _count_resources(context, detail, by="the CDK command line" if assembly is None else "CloudFormation's API")
    with progress.step("Load the bank") as detail:
        stores = Stores(cloud, strategy)
        with stores.mysql(context.primary) as connection:
            ledger = load_bank(
                connection,
                stores.dynamodb(context.primary),
                stores.table_name,
                bank=bank or generate(context.seed),
                stores=(
                    stores.arn("mysql", context.primary, stores.instance_name),
                    stores.arn("dynamodb", context.primary, stores.table_name),
                ),
                progress=lambda done, total: detail.now(f"{done:,} of {total:,} rows and items"),
            )
            create_verifier(connection, token=cloud.database_token)
            create_heartbeat(connection, token=cloud.database_token)
            create_users(cloud, strategy, stores, connection, context.primary)
        rows = sum(len(account.versions) for account in ledger.rows.values())
        detail.note(f"{rows:,} rows in MySQL, {len(ledger.items.versions):,} items in DynamoDB, from seed {context.seed}")
        application = install(cloud, strategy, stores, ledger, region=context.primary, seed=context.seed)
        cloud.closing.append(application.end)
        detail.note(f"{len(application.services)} services are connected to them and serve")
    return World(stores, ledger, application)


def _deploy_by_command_line(context: Context, detail: Detail, begun: Synthesis | None) -> None:
    detail.now("bootstrap and synthesis")
    directory = context.directory
    with (  # left in reverse: a stop ends the commands, and so their threads
        ThreadPoolExecutor() as threads,
        begun or synthesis_of(context.strategy, environment=context.environment, directory=directory) as synthesis,
        Cdk(context.cloud, log=directory / "cdk.log") as cdk,
    ):
        bootstrap = threads.submit(cdk.bootstrap, context.primary, context.recovery)
        warm = threads.submit(context.cloud.warm, context.primary, context.recovery)  # a synthesis leaves this process idle
        for done in as_completed((bootstrap, warm, threads.submit(synthesis.wait))):
            done.result()
        release(context.cloud, context.strategy)
        cdk.deploy(context.strategy, assembly=synthesis.assembly, progress=lambda line: _deployment_line(detail, line))


@contextmanager
def prepared(options: Options, console: Console, *, claimed: bool = False) -> Iterator[Context]:
    """A started cloud in a context; whatever happens inside, nothing is left running. `claimed`: the output folder is already."""
    try:
        strategy = load(options.environment, primary=options.primary, recovery=options.recovery)
        require_mariadb()
    except (StrategyError, MariaDbMissing) as error:
        raise UsageError(str(error)) from error
    if not claimed:
        claim_output(options)
    cloud = Cloud(directory=options.output / "cloud", port=options.port)
    progress = Progress(console)
    regions = strategy.regions
    fault = ", ".join(options.faults) or None
    result = Result(seed=options.seed, fault=fault, lost_region=regions.primary, recovery_region=regions.recovery)
    try:
        with progress.step("Start the embedded AWS") as detail:
            try:
                cloud.start()
            except ForeignFolder as error:
                raise UsageError(str(error)) from error
            except OSError as error:
                raise UsageError(
                    f"port {options.port} cannot be used ({error.strerror}): choose another, or 0 for a free one"
                ) from error
            detail.note(f"{cloud.endpoint}, virtual time {cloud.clock.now():%Y-%m-%d %H:%M} UTC")
        yield Context(
            strategy,
            cloud,
            progress,
            options.output,
            options.seed,
            options.faults,
            result,
            named(options.environment),
            People(cloud),
        )
    finally:
        cloud.stop()


def _deployment_line(detail: Detail, line: str) -> None:
    if "|" in line or "✅" in line or "deploying" in line:
        detail.now(" ".join(line.replace("|", " ").split())[:100])


def _count_resources(context: Context, detail: Detail, *, by: str) -> None:
    engine = context.cloud.services["cloudformation"]
    assert isinstance(engine, CloudFormation)  # noqa: S101  what Cloud put there
    kinds = [(kind, resource_type) for *_, resource_type, kind in engine.resources()]
    simulated = sum(kind == "simulated" for kind, _ in kinds)
    context.result.resources = {"simulated": simulated, "recorded": len(kinds) - simulated}
    context.result.recorded_types = sorted({resource_type for kind, resource_type in kinds if kind == "recorded"})
    detail.note(f"by {by}: {simulated} resources simulated, {len(kinds) - simulated} recorded only (see the report)")
