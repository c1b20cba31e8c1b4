"""The real YACE reads the file that is planned; it has no credentials here and asks nobody."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from real_server import ENVIRONMENTS, Pod, tool, workload

pytestmark = pytest.mark.tools


def complaints(file: Path) -> list[str]:
    """What YACE's own judgement of a file warns of or refuses: an unknown key it only warns of."""
    done = subprocess.run(
        [tool("yace"), "verify-config", f"--config.file={file}"], capture_output=True, text=True, check=False
    )
    entries = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
    found = [str(entry.get("err", entry["msg"])) for entry in entries if entry["level"] != "INFO"]
    assert found or done.returncode == 0
    return found


def laid_out(environment: str, root: Path) -> Path:
    """The planned file, where its pod finds it."""
    pod = Pod(workload("cloudwatch-exporter", environment), root)
    pod.lay_out()
    return pod.path("/etc/cloudwatch-exporter/config.yml")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_its_file_is_valid(environment: str, tmp_path: Path) -> None:
    """Namespaces, statistics and keys are known."""
    assert complaints(laid_out(environment, tmp_path)) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("planted", 1, "field planted not found"),
        ("type", "AWS/Planted", "Service is not in known list!: AWS/Planted"),
        ("regions", [], "Regions should not be empty"),
    ],
)
def test_a_planted_error_is_told(key: str, value: object, said: str, tmp_path: Path) -> None:
    """An unknown key, an unknown namespace, a missing region."""
    file = laid_out("dev", tmp_path)
    document = yaml.safe_load(file.read_text())
    document["discovery"]["jobs"][0][key] = value
    file.write_text(yaml.safe_dump(document))
    assert said in "\n".join(complaints(file))
