"""`python -m recovery adopt`, and the one line that it writes into an environment's file."""

from __future__ import annotations

import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from recovery.__main__ import main
from recovery.aws import Region
from recovery.cli.exit_codes import ExitCode
from recovery.restore.adoption import CannotAdopt, adoption, edited, write
from strategy import load
from strategy.catalogue.store_arns import physical_name
from strategy.model.loader import ENVIRONMENTS
from tests.recovery.fake_night import DEV, MYSQL, NOW, PLAN_ID, REGION, Night, plan

WHERE = ["--env", "dev", "--now", NOW.isoformat()]
RESTORED = plan().target.name
LINE = f'identifier = "{RESTORED}"'
IMPORT = f"npx cdk deploy --exclusively banking-buddy-dev-backup-{REGION} -c environment=dev --import-existing-resources"


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    """The plan was claimed, and the application uses what it made."""
    made = Night()
    monkeypatch.setattr(Region, "client", lambda _self, service: made.client(service))
    made.claimed[PLAN_ID] = (plan(), "")
    made.resource = RESTORED
    return made


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "environments"
    made.mkdir()
    for name in ("base.toml", "dev.toml"):
        shutil.copy(ENVIRONMENTS / name, made)
    return made


def test_it_says_the_line_the_commands_and_how_to_check(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    before = (ENVIRONMENTS / "dev.toml").read_bytes()
    assert main(["adopt", PLAN_ID, *WHERE]) == ExitCode.DONE
    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert LINE in shown
    assert IMPORT in shown
    assert f"python -m recovery status --env dev --region {REGION}" in shown
    assert (ENVIRONMENTS / "dev.toml").read_bytes() == before, "nothing is written unasked"
    assert main(["adopt", PLAN_ID, "--json", *WHERE]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["line"], told["written"], told["in_use"], told["commands"][-1]) == (LINE, False, RESTORED, IMPORT)
    assert night.resource == RESTORED


def test_the_stack_that_made_a_read_replica_lets_go_of_it_before_another_takes_it_over() -> None:
    let_go, waited, _diff, imported = adoption(DEV, replace(plan(), replica=True)).commands
    assert let_go == f"aws cloudformation delete-stack --region {REGION} --stack-name banking-buddy-dev-read-replica"
    assert waited.startswith("aws cloudformation wait stack-delete-complete ")
    assert imported == IMPORT
    assert not [each for each in adoption(DEV, plan()).commands if "delete-stack" in each]


@pytest.mark.parametrize("more", [[], ["--write"], ["--json"]])
def test_what_the_application_does_not_use_is_not_adopted(
    night: Night, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    night.resource = MYSQL
    before = (ENVIRONMENTS / "dev.toml").read_bytes()
    assert main(["adopt", PLAN_ID, *more, *WHERE]) == ExitCode.NOT_KEPT
    assert MYSQL in capsys.readouterr().out
    assert (ENVIRONMENTS / "dev.toml").read_bytes() == before


def test_the_line_is_written_beside_the_name_and_everything_else_stays(directory: Path) -> None:
    before = (directory / "dev.toml").read_text().splitlines()
    write(adoption(DEV, plan()), directory=directory)
    after = (directory / "dev.toml").read_text().splitlines()
    at = after.index(LINE)
    assert after[at - 1] == 'name = "mysql"'
    assert after[:at] + after[at + 1 :] == before
    found = load("dev", directory=directory)
    assert physical_name(found, found.store("mysql")) == RESTORED
    assert adoption(found, plan()).done


def test_a_second_adoption_takes_the_place_of_the_first(directory: Path) -> None:
    write(adoption(DEV, plan()), directory=directory)
    first = (directory / "dev.toml").read_text()
    later = plan(plan_id="r99999999", target=type(plan().target)(f"{MYSQL}-r99999999", "arn"))
    write(adoption(load("dev", directory=directory), later), directory=directory)
    assert (directory / "dev.toml").read_text() == first.replace(PLAN_ID, "r99999999")


def test_a_file_that_would_not_load_is_left_as_it_was(directory: Path) -> None:
    broken = (directory / "dev.toml").read_text().replace('instance_class = "db.t4g.micro"', "instance_class = 8")
    (directory / "dev.toml").write_text(broken)
    with pytest.raises(CannotAdopt, match="instance_class"):
        write(adoption(DEV, plan()), directory=directory)
    assert (directory / "dev.toml").read_text() == broken
    assert [each.name for each in directory.parent.iterdir()] == ["environments"]


def test_only_the_table_of_that_store_is_touched() -> None:
    text = (
        '[[stores]]\nname = "a"\nidentifier = "old"  # the first\n[stores.changes]\nidentifier = "x"\n\n[[stores]]\nname = "b"\n'
    )
    found = tomllib.loads(edited(text, "b", "identifier", 'identifier = "new"'))
    assert [each.get("identifier") for each in found["stores"]] == ["old", "new"]
    again = edited(text, "a", "identifier", 'identifier = "new"')
    assert again == text.replace('"old"', '"new"')
    with pytest.raises(CannotAdopt, match="by hand"):
        edited(text, "c", "identifier", 'identifier = "new"')


def test_a_store_of_which_the_base_says_all_gets_a_table_of_its_own(directory: Path) -> None:
    own, base = (directory / "dev.toml"), (directory / "base.toml")
    *_, mine = own.read_text().split("[[stores]]\n")[1].split('name = "mysql"\n')
    own.write_text(own.read_text().replace(f'[[stores]]\nname = "mysql"\n{mine}', ""))
    base.write_text(base.read_text().replace('name = "mysql"\n', f'name = "mysql"\n{mine}'))
    before = own.read_text()
    write(adoption(DEV, plan()), directory=directory)
    assert own.read_text() == f'{before}\n[[stores]]\nname = "mysql"\n{LINE}\n'
    found = load("dev", directory=directory)
    assert found.store("mysql") == DEV.store("mysql").model_copy(update={"identifier": RESTORED})


def test_somebody_else_s_store_is_named_by_its_arn_and_not_imported_here() -> None:
    arn = f"arn:aws:rds:{REGION}:{DEV.account}:db:theirs"
    store = DEV.stores[0].model_copy(update={"source": "existing", "arn": arn})
    what = adoption(DEV.model_copy(update={"stores": (store, *DEV.stores[1:])}), plan())
    assert what.line == f'arn = "{plan().target.arn}"'
    assert what.commands == ()
