"""What each step of a restore does, and what it means when it stops there: in the words of whoever is awake."""

from __future__ import annotations

from dataclasses import dataclass

from strategy.catalogue.routes import Mode, Route, Step, steps


@dataclass(frozen=True, slots=True)
class Told:
    """About one step. Each problem is what the record says, what it means, and what to do."""

    does: str
    problems: tuple[tuple[str, str, str], ...]


RESUME = "`resume`"

_TOLD: dict[Step, Told] = {
    Step.CLAIM: Told(
        "One attempt of a plan is alive at a time.",
        (("`PlanIsRunning`", "Somebody, perhaps you, started it already.", "`follow`"),),
    ),
    Step.CHECK: Told(
        "The plan is looked at again: is all it needs still there?",
        (("`PlanRefused`", "The message lists every problem. Nothing was made.", f"Fix them, then {RESUME}; or plan anew."),),
    ),
    Step.RESTORE: Told(
        "AWS makes the new store. This is the long step.",
        (
            ("`NameTaken`", "Something else has the plan's name. It was left alone.", "Plan anew: a new plan has a new name."),
            (
                "`RestoreRefused`",
                "AWS does not restore this: the message is AWS's own.",
                "Fix it, or plan another moment or point.",
            ),
            (
                "the restore job ended `FAILED`",
                "AWS Backup gave up. The old store was not touched.",
                RESUME + " starts a new job.",
            ),
            (
                "`storage-full`, `failed` and the like",
                "A state that waiting does not end, or that these tools do not know. The message says what to do.",
                f"Do it, then {RESUME}; or plan anew, where it says so.",
            ),
            ("not there within 12 hours", "AWS is still at it, or stuck.", "Look at the store in AWS, then " + RESUME + "."),
        ),
    ),
    Step.SETTINGS: Told(
        "What AWS loses on a restore is put back and compared.",
        (("waiting for …", "AWS did not finish a change within 2 hours.", RESUME),),
    ),
    Step.PASSWORDS: Told(
        "Master and services get the passwords of their secrets.",
        (
            (
                "`DatabaseUnreachable`",
                "The function cannot reach the new instance: security group or subnet.",
                f"Fix it, then {RESUME}.",
            ),
        ),
    ),
    Step.VERIFY: Told(
        "The content is compared with the manifest and with the moment.",
        (
            (
                "verdict `failed`",
                "The data differs. The application does not use it.",
                "Read the report, then plan another moment or point.",
            ),
            (
                "verdict `not_checked`",
                "There was nothing to compare with. The application does not use it.",
                'Look at the data yourself. Then plan anew with `--accept-unverified "who and why"`.',
            ),
        ),
    ),
    Step.FENCE: Told(
        "Nobody can write to the old store any more; its last write is noted. From here the application stands still.",
        (("any", "The application may be without a store now.", RESUME + " at once; or undo (below)."),),
    ),
    Step.SWITCH: Told(
        "The endpoint names the new store, and the services are restarted.",
        (("an environment is missing", "A service has another name in Elastic Beanstalk.", f"Fix it, then {RESUME}."),),
    ),
    Step.PROVE: Told(
        "Every service is seen on the new store.",
        (("waiting for …", "A service did not come up, or still has the old endpoint.", f"Restart it, then {RESUME}."),),
    ),
    Step.REPAIR: Told(
        "Keys that differ are written back into the live table.",
        (("any", "Part of the keys are written. Writing them again does no harm.", RESUME),),
    ),
    Step.RECORD: Told(
        "What happened is written to the evidence bucket, and the people are told.",
        (("any", "The restore itself is done.", RESUME),),
    ),
}


def told(route: Route, mode: Mode) -> list[tuple[Step, Told]]:
    """The steps of a route, in order."""
    return [(step, _TOLD[step]) for step in steps(route, mode)]
