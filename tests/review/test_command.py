"""`python -m review` as it is typed: files, standard input, exit codes, one line for what is wrong."""

import contextlib
import io
from pathlib import Path

import pytest
from preview_samples import digest, step

from config.files import DataError
from review.__main__ import main


def test_standard_input_becomes_a_comment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its hidden marker."""
    monkeypatch.setattr("sys.stdin", io.StringIO(digest()))
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("<!-- axiom-monitoring review of prod -->\n### ")


def test_files_of_several_stacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One comment, one marker of them all."""
    for stack in ("prod", "dev"):
        config = {"axiom-monitoring:environment": stack}
        (tmp_path / f"{stack}.json").write_text(digest(stack=stack, config=config))
    assert main([str(tmp_path / "prod.json"), str(tmp_path / "dev.json")]) == 0
    assert "<!-- axiom-monitoring review of dev+prod -->" in capsys.readouterr().out


def test_the_whole_text_is_written_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For what does not fit."""
    (tmp_path / "p.json").write_text(digest())
    assert main([str(tmp_path / "p.json"), "--whole", str(tmp_path / "whole.md")]) == 0
    assert (tmp_path / "whole.md").read_text() == capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text", "reason"),
    [
        ([], "", "error: standard input: the input is empty"),
        ([], digest()[:100], "error: standard input: no JSON of a preview"),
        ([], '{"version": 3}', "error: standard input: JSON, but no digest"),
        (
            ["--stack", "nope"],
            digest(),
            "error: no stack 'nope': Pulumi.nope.yaml does not exist; stacks: dev, prod",
        ),
        (["--stack", "dev"], digest(), "error: standard input: this is a preview of stack prod, not of dev"),
        (["absent.json"], "", "error: [Errno 2] No such file or directory: 'absent.json'"),
        ([], digest(outputs={"x": "DEEP"}).replace('"DEEP"', "[" * 600 + "]" * 600), "error: "),
        (["drift"], "", "error: drift takes one file"),
        (["drift", "a", "b"], "", "error: drift takes one file"),
        ([], '{"steps": null, "diagnostics": null}', "error: standard input: a preview that says nothing"),
        ([], '{"steps": [' + "1" * 5000, "error: standard input: no JSON of a preview: a number"),
        (["--commit", "$(x)"], digest(), "error: no commit"),
        (["missing", "--stack", "nope", "--commit", "0" * 40], "", "error: no stack 'nope'"),
        (["drift", "-"], "[]", "error: JSON, but no digest"),
        (["clean", "more"], "", "error: clean takes no arguments"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str],
    text: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And nothing on standard output."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.err.startswith(reason)
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_a_preview_that_came_to_no_digest_is_told_from_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Something is posted whatever broke; its secrets are not."""
    (tmp_path / "p.json").write_text("")
    (tmp_path / "log").write_text("error: no credentials for s3://state?token=hunter2hunter\n")
    assert main(["--stack", "prod", str(tmp_path / "p.json"), "--log", str(tmp_path / "log")]) == 0
    said = capsys.readouterr().out
    assert "**the preview failed**" in said
    assert "no credentials for s3://state" in said
    assert "hunter2hunter" not in said


def test_a_wrong_data_file_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the checkout's own: a pull request may have broken it."""

    def broken(*_: object) -> str:
        raise DataError("config/prices.yaml: a.b: no number")

    monkeypatch.setattr("review.__main__.comment", broken)
    monkeypatch.setattr("sys.stdin", io.StringIO(digest()))
    assert main([]) == 2
    assert capsys.readouterr().err == "error: config/prices.yaml: a.b: no number\n"


def test_bytes_that_are_no_text_are_cleaned_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log may hold any."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a \xff\npassword=hunter2\n"), "utf-8"))
    assert main(["clean"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("a ")
    assert "hunter2" not in said


GONE = step("delete", "kubernetes:core/v1:Service", "service", {"spec": {}})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (digest(), "none"),
        (digest(GONE), "drift"),
        (digest(errors=["no network"]), "failed"),
        (digest(GONE, errors=["no network"]), "failed"),
    ],
)
def test_drift_is_told_from_failure(
    text: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a word, since the engine has one status for both."""
    (tmp_path / "refresh.json").write_text(text)
    assert main(["drift", str(tmp_path / "refresh.json")]) == 0
    assert capsys.readouterr().out == f"{word}\n"


@pytest.mark.parametrize("command", [[], ["post"], ["drift"]])
def test_help_says_how(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With examples or exit codes."""
    with contextlib.suppress(SystemExit):
        assert main([*command, "--help"]) == 0
    said = capsys.readouterr().out
    assert "examples:" in said or "exit codes:" in said


@pytest.mark.parametrize("arguments", [["--tier", "3year"], ["--nope"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    """As argparse says it."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_any_text_can_be_cleaned(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Such as the log of an update, whose plan's values the engine may repeat."""
    monkeypatch.setattr("sys.stdin", io.StringIO("one\nresource x violates plan: ~~password[old!=new]\n"))
    assert main(["clean"]) == 0
    assert "old" not in capsys.readouterr().out
