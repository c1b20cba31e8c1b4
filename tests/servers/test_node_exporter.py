"""The real node_exporter reads this machine by way of the mounts that are planned."""

import re
from pathlib import Path

import pytest
from real_server import Pod, running, workload

pytestmark = pytest.mark.tools


def test_it_reports_the_host_below_its_mount(tmp_path: Path) -> None:
    """Processor, memory, and the root file system by the name that the host gives it."""
    pod = Pod(workload("node-exporter", "dev"), tmp_path)
    pod.lay_out()
    with running(pod) as server:
        text = server.text("metrics", "/metrics")
    assert re.search(r'^node_cpu_seconds_total\{cpu="0",mode="idle"\} ', text, re.MULTILINE)
    assert re.search(r"^node_memory_MemAvailable_bytes ", text, re.MULTILINE)
    assert re.search(r'^node_filesystem_avail_bytes\{.*mountpoint="/"\} ', text, re.MULTILINE)


def test_it_leaves_out_what_is_no_disk(tmp_path: Path) -> None:
    """The exclusion is read as an expression over the host's own paths."""
    pod = Pod(workload("node-exporter", "dev"), tmp_path)
    pod.lay_out()
    with running(pod) as server:
        text = server.text("metrics", "/metrics")
    mounts = set(re.findall(r'^node_filesystem_avail_bytes\{.*mountpoint="([^"]+)"\}', text, re.MULTILINE))
    assert mounts
    assert not [path for path in mounts if re.match(r"/(dev|proc|sys|run)(/|$)", path)]
