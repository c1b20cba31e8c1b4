"""MindsDB, through which Weaver queries across databases.

Settings: docs.mindsdb.com/setup/environment-vars and /setup/custom-config. It keeps its catalogue
in files, so it is one pod with a volume.
"""

import json

from config.data import image, stores
from config.scalars import Disk, Environment
from config.settings import Settings
from model.container import ConfigFile, FileMount, Fixed, HttpProbe, Port, Probes, Resources
from model.disks import disk
from model.reach import Namespace, Peer, to_ranges
from model.spec import ServerSpec, WorkloadSpec

NAME = "mindsdb"
HTTP_PORT = 47334
_USER = 10001
_DATA = "/mindsdb/var"
_CONFIG = "/etc/mindsdb"
_HTTP = Port(name="http", number=HTTP_PORT)


def mindsdb(settings: Settings) -> ServerSpec:
    """The server; it reaches the databases of the network and those that the settings name."""
    me = Peer(namespace=Namespace.AXIOM, app=NAME)
    ranges = (settings.network.cidr, *settings.network.data_source_cidrs)
    return ServerSpec(workload=_workload(settings), edges=to_ranges(me, ranges))


def _workload(settings: Settings) -> WorkloadSpec:
    data = stores().mindsdb
    memory = data.dev_memory if settings.environment is Environment.DEV else data.memory
    return WorkloadSpec(
        name=NAME,
        component="query-engine",
        kind="StatefulSet",
        namespace=Namespace.AXIOM,
        image=image(NAME, settings.images),
        user=_USER,
        ports=(_HTTP,),
        resources=Resources(cpu=data.cpu, memory=memory, memory_limit=memory, scratch_limit="2Gi"),
        replicas=Fixed(1),
        probes=Probes(
            # It loads its handlers before it answers.
            startup=HttpProbe(path="/api/status", port=_HTTP.name, period=10, failures=60),
            readiness=HttpProbe(path="/api/status", port=_HTTP.name),
            liveness=HttpProbe(path="/api/status", port=_HTTP.name, period=30, failures=5),
        ),
        # The image's own command reads a file below /root, which only root may.
        command=("python", "-Im", "mindsdb", f"--config={_CONFIG}/config.json", "--api=http"),
        environment={"HOME": _DATA, "MINDSDB_STORAGE_DIR": _DATA},
        config=(FileMount(name="mindsdb-config", path=_CONFIG, files=(_config(),)),),
        scratch=("/tmp",),  # noqa: S108 - a path inside the container
        claim=disk(Disk.MINDSDB, _DATA, data.storage_gibibytes, settings),
        grace_seconds=60,
        headless=True,
        # Handlers write caches beside the code that they are installed with.
        writable_root=True,
    )


def _config() -> ConfigFile:
    http = {"host": "0.0.0.0", "port": str(HTTP_PORT)}  # noqa: S104 - inside the pod
    content = {"paths": {"root": _DATA}, "api": {"http": http}}
    return ConfigFile(name="config.json", text=json.dumps(content, indent=2) + "\n")
