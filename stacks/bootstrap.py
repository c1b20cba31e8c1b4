"""The only reader of Pulumi's configuration: settings as plain values, secrets as Outputs."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import config as runtime

from config.decode import decode
from config.errors import MissingSecretsError, SettingsError
from config.files import DataError
from config.secrets import SecretKey
from config.settings import Settings, load
from model.capacity import CapacityError, carried_plan
from model.generated import SecretSource
from model.slices import Plan
from stacks.reachable import check_grafana

NAMESPACE = "axiom-monitoring"
# What stands for the value of a key that is secret and ought not to be: it is refused by name.
HIDDEN = "[secret]"


def settings() -> Settings:
    """The checked settings of this stack.

    Raises:
        pulumi.RunError: with every problem, shown by the engine without a traceback.
    """
    stack = pulumi.get_stack()
    try:
        return load(decode(raw_settings(), stack=stack), stack=stack)
    except (SettingsError, DataError) as error:
        raise pulumi.RunError(str(error)) from None


def plan(settings: Settings) -> Plan:
    """The plan of this stack.

    Raises:
        pulumi.RunError: it does not carry the load of its tier, with every check that fails; or a
            data file of the checkout is wrong.
    """
    try:
        return carried_plan(settings, stack=pulumi.get_stack())
    except (CapacityError, DataError) as error:
        raise pulumi.RunError(str(error)) from None


def secrets(plan: Plan) -> Mapping[SecretSource, pulumi.Output[str]]:
    """The secrets that the plan asks for.

    Raises:
        pulumi.RunError: with every missing key and the command that sets it.
    """
    given = pulumi.Config(NAMESPACE)
    found = {key: given.get_secret(key.value) for key in plan.secrets}
    missing = [key for key, value in found.items() if value is None]
    if missing:
        error = MissingSecretsError(missing, stack=pulumi.get_stack())
        raise pulumi.RunError(str(error))
    return {key: value for key, value in found.items() if value is not None}


def check_reach(plan: Plan) -> None:
    """See that what the plan writes to from here answers.

    Raises:
        pulumi.RunError: it does not, and nothing was changed yet.
    """
    # As it is: the request is made now, not with the resources.
    check_grafana(plan, runtime.get_config(f"{NAMESPACE}:{SecretKey.GRAFANA_API_TOKEN}"))


def raw_settings() -> dict[str, Any]:
    """What `pulumi config` holds under our namespace, the known secrets left out."""
    everything = {**runtime.get_config_env(), **runtime.CONFIG.get()}
    secret = {*runtime.get_config_secret_keys_env(), *_marked_secret(everything)}
    prefix = f"{NAMESPACE}:"
    raw: dict[str, Any] = {}
    for full, value in sorted(everything.items()):
        key = full.removeprefix(prefix)
        if not full.startswith(prefix) or (full in secret and key in set(SecretKey)):
            continue
        raw[key] = HIDDEN if full in secret else value
    return raw


def _marked_secret(keys: Mapping[str, Any]) -> set[str]:
    return {key for key in keys if runtime.is_config_secret(key)}
