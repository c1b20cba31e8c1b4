"""The rendered tree: whole or not at all, never over somebody else's files."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from render import secrets
from render.__main__ import main
from render.tree import NotOurs, write


def test_a_tree_replaces_the_one_before(tmp_path: Path) -> None:
    """What is no longer rendered is gone."""
    target = tmp_path / "out"
    write({"a/one.txt": "1"}, target)
    write({"b/two.txt": "2"}, target)
    found = sorted(str(path.relative_to(target)) for path in target.rglob("*.txt"))
    assert found == ["b/two.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder with other files is left alone."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(NotOurs):
        write({"a.txt": "1"}, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_failed_run_leaves_the_old_tree(tmp_path: Path) -> None:
    """Nothing half-written takes the place of a whole tree."""
    target = tmp_path / "out"
    write({"a.txt": "old"}, target)
    with pytest.raises(OSError, match=r"directory|exists"):
        write({"a.txt": "new", "a.txt/b.txt": "impossible"}, target)
    assert (target / "a.txt").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where prod is written, and what was said of it."""
    out, said = tmp_path_factory.mktemp("prod") / "out", io.StringIO()
    with redirect_stdout(said):
        assert main(["--stack", "prod", "--out", str(out)]) == 0
    return out, said.getvalue()


def test_every_part_of_a_stack_is_written(prod: tuple[Path, str]) -> None:
    """Servers' files, Kubernetes objects, AWS resources and the plan, with a summary."""
    out, said = prod
    for path in (
        "prometheus/prometheus.yml",
        "alertmanager/alertmanager.yml",
        "kubernetes/_cluster/namespace-monitoring.yaml",
        "kubernetes/monitoring/statefulset-prometheus.yaml",
        "aws/rds.Instance-postgres-instance.json",
        "plan.json",
    ):
        assert (out / path).is_file(), path
    assert "files in" in said


def test_late_values_and_secrets_show_their_names(prod: tuple[Path, str]) -> None:
    """A file that waits for the cloud says for what; a secret's place holds its key."""
    out, _ = prod
    variables = (out / "kubernetes/axiom/configmap-core-api-environment.yaml").read_text()
    receivers = (out / "kubernetes/monitoring/secret-alertmanager-receivers.yaml").read_text()
    assert "late.postgres-host.invalid" in variables
    assert "<secret:slackWebhookCritical>" in receivers


def test_one_off_settings_are_taken(tmp_path: Path) -> None:
    """`--set` and `--tier` change the plan that is written."""
    out = tmp_path / "out"
    arguments = ["--stack", "dev", "--tier", "6month", "--set", "tags.owner=other", "--out", str(out)]
    assert main(arguments) == 0
    plan = (out / "plan.json").read_text()
    assert '"tier": "6month"' in plan
    assert '"owner": "other"' in plan


def test_the_plan_has_its_arithmetic(prod: tuple[Path, str]) -> None:
    """Load, capacity, and every check with its figures."""
    out, _ = prod
    plan = json.loads((out / "plan.json").read_text())
    assert plan["load"]["requests_per_day"] == 10_000
    assert plan["capacity"]["postgres"]["instanceClass"] == "db.m6g.xlarge"
    (row,) = (check for check in plan["checks"] if check["name"] == "postgres-connections")
    assert (row["need"], row["limit"], row["holds"], row["binding"]) == (1563, 1617, True, True)
    assert row["margin"] == pytest.approx(0.033, abs=0.001)
    assert {"formula", "inputs", "unit", "remedy", "setting"} <= row.keys()


def test_a_stack_that_does_not_carry_its_load_is_told_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 with the figures and the command."""
    out = tmp_path / "out"
    assert main(["--stack", "prod", "--set", "postgres.poolSize=120", "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert "needs 2,463 connections, has 1,617" in told
    assert "pulumi config set --path postgres.instanceClass db.m6g.2xlarge --stack prod" in told
    assert not out.exists()


def test_secrets_are_listed_for_a_stack_that_carries_its_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One a line; else exit 2 with the reason, before anything is started."""
    assert secrets.main(["--stack", "dev"]) == 0
    assert "slackWebhookCritical" in capsys.readouterr().out.splitlines()
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  axiom-monitoring:retention:\n    metricsDays: 365\n")
    assert secrets.main(["--stack", "dev", "--file", str(file)]) == 2
    assert "prometheus-volume" in capsys.readouterr().err
    file.write_text("config:\n  axiom-monitoring:tier: never\n")
    assert secrets.main(["--stack", "dev", "--file", str(file)]) == 2
    assert "tier" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--set", "tier=never"], ["--set", "nonsense=1"], ["--set", "tier"], ["--stack", "nowhere"]],
)
def test_bad_settings_are_told_and_write_nothing(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 with a message, no traceback, no folder."""
    out = tmp_path / "out"
    assert main(["--out", str(out), *arguments]) == 2
    assert "problem" in capsys.readouterr().err
    assert not out.exists()


def test_a_foreign_folder_is_wrong_usage(tmp_path: Path) -> None:
    """Exit 2: the caller named the wrong place."""
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["--stack", "dev", "--out", str(tmp_path)]) == 2
