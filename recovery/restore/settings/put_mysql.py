"""Makes a restored MySQL instance as its plan says: one look, at most one kind of change, and what is still missing.

Called again each minute until it is settled. What the restore itself could not set, or AWS did not take over, is changed in one
ModifyDBInstance; when AWS refuses that as a whole, each setting is tried alone, so that one refusal does not cost the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from recovery.restore.settings.answer import Answer, NotYet, Refused, SettingsRefused, asked
from recovery.restore.settings.instance import AFTER, AT_RESTORE, ESSENTIAL, Instance, found, pending, tags
from strategy.catalogue import store_states
from strategy.catalogue.store_states import Course
from strategy.contracts.restore import SettingsAnswer

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

    from recovery.restore.plan import Plan

_TOGETHER = (
    ("MonitoringInterval", "MonitoringRoleArn"),
    tuple(key for key in AFTER if "Insights" in key),
    ("StorageType", "Iops", "StorageThroughput"),
    ("PreferredBackupWindow", "PreferredMaintenanceWindow"),  # RDS refuses windows that overlap, one by one as well
)
"""What RDS takes only in one call."""


def put(rds: RDSClient, plan: Plan, *, in_use: Callable[[], bool]) -> SettingsAnswer:
    """`in_use` tells whether the application already uses the restored instance: then it is not rebooted."""
    name, wanted = plan.target.name, plan.settings
    instance: Any = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    _check(plan, instance)
    answer = Answer(name, wanted.get("cannot", ()))
    settings = _known({**wanted["at_restore"], **wanted["after"]}, answer)
    differing = [key for key, value in settings.items() if not answer.compare(key, value, found(instance, key))]
    own = tags(instance)
    tagged = answer.compare("tags", wanted["tags"], {key: own[key] for key in wanted["tags"] if key in own})
    if instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        answer.wait(f"{name} to be promoted")
        return answer.given()
    if store_states.of("mysql", instance["DBInstanceStatus"]).course is not Course.OPERATIONAL:
        answer.wait(store_states.said("mysql", name, instance["DBInstanceStatus"]))
        return answer.given()
    if not tagged:
        as_rds: Any = [{"Key": key, "Value": value} for key, value in wanted["tags"].items()]
        answer.change(lambda: rds.add_tags_to_resource(ResourceName=instance["DBInstanceArn"], Tags=as_rds), "tags")
    for reason in _on_the_way(instance, settings):
        answer.wait(reason)
    differing = [key for key in differing if not pending(instance, key)]
    if differing:
        parameters = {key: _parameter(key, value, found(instance, key)) for key, value in settings.items()}
        modify = partial(rds.modify_db_instance, DBInstanceIdentifier=name, ApplyImmediately=True)
        _modify(modify, parameters, differing, answer)
    elif not answer.waits:
        _bring_parameters_into_force(rds, name, instance, answer, in_use)
    return answer.given()


def _check(plan: Plan, instance: Instance) -> None:
    name = plan.target.name
    status = instance["DBInstanceStatus"]
    if store_states.of("mysql", status).stuck:
        raise SettingsRefused(f"{store_states.said('mysql', name, status)}. It was left as it is.")
    if plan.settings.get("encrypted") and not instance.get("StorageEncrypted"):
        raise SettingsRefused(f"{name} is not encrypted, and an instance cannot be encrypted later. Do not use it.")


def _known(settings: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    """Settings that can be compared; protection is never lifted, so that its absence is not something to put back."""
    for key in settings.keys() - {*AT_RESTORE, *AFTER}:
        answer.cannot(key, "it is no setting that can be compared")
    lifted = {"DeletionProtection"} if settings.get("DeletionProtection") is False else set()
    return {key: value for key, value in settings.items() if key in {*AT_RESTORE, *AFTER} and key not in lifted}


def _on_the_way(instance: Instance, settings: Mapping[str, Any]) -> list[str]:
    waiting = [f"{key} is pending" for key in settings if pending(instance, key)]
    waiting += [
        f"security group {each['VpcSecurityGroupId']} is {each['Status']}"
        for each in instance.get("VpcSecurityGroups", [])
        if each.get("Status", "active") != "active"
    ]
    waiting += [
        f"parameter group {each['DBParameterGroupName']} is applying"
        for each in instance.get("DBParameterGroups", [])
        if each.get("ParameterApplyStatus") == "applying"
    ]
    return waiting


def _modify(
    modify: Callable[..., Any], parameters: Mapping[str, Mapping[str, Any]], differing: list[str], answer: Answer
) -> None:
    """`parameters`: of ModifyDBInstance, by setting."""

    def change(keys: Iterable[str]) -> None:
        modify(**{name: value for key in keys for name, value in parameters[key].items()})

    changes = sorted({_group(key, parameters) for key in differing}, key=lambda keys: (not ESSENTIAL & {*keys}, keys))
    try:
        asked(lambda: change(key for keys in changes for key in keys))
    except NotYet as error:
        answer.wait(f"{', '.join(differing)} ({error})")
    except Refused as error:
        if len(changes) == 1:
            answer.refused(str(error), *differing, essential=bool(ESSENTIAL & {*differing}))
            return
        for keys in changes:
            if answer.change(partial(change, keys), *keys, essential=bool(ESSENTIAL & {*keys})):
                return  # the instance is being modified: the next look goes on
    else:
        answer.changed(*differing)


def _group(key: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    group = next((group for group in _TOGETHER if key in group), (key,))
    return tuple(each for each in group if each in settings)


def _parameter(key: str, wanted: Any, now: Any) -> dict[str, Any]:
    """As ModifyDBInstance spells it."""
    if key != "EnableCloudwatchLogsExports":
        return {key: wanted}
    changes = {"EnableLogTypes": sorted({*wanted} - {*now}), "DisableLogTypes": sorted({*now} - {*wanted})}
    return {"CloudwatchLogsExportConfiguration": {kind: logs for kind, logs in changes.items() if logs}}


def _bring_parameters_into_force(
    rds: RDSClient, name: str, instance: Instance, answer: Answer, in_use: Callable[[], bool]
) -> None:
    """A parameter group that was put back rules from the next reboot: until then a client may come without TLS."""
    groups = [each for each in instance.get("DBParameterGroups", []) if each.get("ParameterApplyStatus") == "pending-reboot"]
    if not groups:
        return
    if in_use():
        answer.cannot(
            "DBParameterGroupName", "it rules from the next reboot, and the application uses the instance: reboot it by hand"
        )
        return
    try:
        asked(lambda: rds.reboot_db_instance(DBInstanceIdentifier=name))
    except NotYet as error:
        answer.wait(f"a reboot ({error})")
    except Refused as error:
        answer.cannot("DBParameterGroupName", f"it rules from the next reboot, which was refused ({error})")
    else:
        answer.wait("a reboot, by which the parameter group rules")
