"""Prod's Alertmanager, whose receivers are servers of a test."""

from pathlib import Path

import yaml
from real_server import Pod, workload

from model.routing import SECRETS_PATH

_FILE = "/etc/alertmanager/config/alertmanager.yml"


def alertmanager_pod(root: Path, address: str, **raw: object) -> Pod:
    """Its files as it mounts them; each secret is a path of `address`, and waits are seconds."""
    pod = Pod(workload("alertmanager", "prod", **raw), root)
    pod.lay_out()
    for secret in pod.work.secrets[0].files:
        pod.path(f"{SECRETS_PATH}/{secret}").write_text(f"http://{address}/{secret}")
    file = pod.path(_FILE)
    document = yaml.safe_load(file.read_text())
    document["global"] = {"pagerduty_url": f"http://{address}/v2/enqueue"}
    document["route"] |= {"group_wait": "1s", "group_interval": "2s"}
    file.write_text(yaml.safe_dump(document))
    return pod
