"""Posting through GitHub's API: one comment, found again, whatever stands in the way."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from github_standin import BOT, TOKEN, Standin, Trouble, github

from review.__main__ import main
from review.github import Github, GithubError
from review.post import Place, post, settle

MARKER = "<!-- axiom-monitoring review of prod -->"
BODY = f"{MARKER}\n### prod: safe\n"
PLACE = Place(repository="o/r", number=7, author=BOT)


@dataclass
class Desk:
    """A stand-in, a client of it, and how long the client slept."""

    standin: Standin
    url: str
    slept: list[float] = field(default_factory=list)

    def post(self, body: str = BODY, run: int = 5) -> str:
        """Post as a run does."""
        client = Github(self.url, TOKEN, sleep=self.slept.append, clock=lambda: 1000.0)
        return post(client, PLACE, body, run)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An empty pull request."""
    with github() as (standin, url):
        yield Desk(standin, url)


def test_the_first_run_creates_and_the_next_updates(desk: Desk) -> None:
    """One comment, whatever was posted before."""
    assert desk.post().startswith("created https://")
    assert desk.post(BODY + "more\n", run=6).startswith("updated https://")
    (body,) = desk.standin.bodies()
    assert body.startswith(f"{MARKER}\n<!-- run 6 -->\n### prod")
    assert body.endswith("more\n")


def test_the_same_body_is_not_sent_again(desk: Desk) -> None:
    """Nobody is told of an edit that is none."""
    desk.post()
    assert desk.post().startswith("as it was")
    assert [method for method, _ in desk.standin.asked].count("PATCH") == 0


def test_it_is_found_over_all_pages(desk: Desk) -> None:
    """A long discussion lies before it."""
    desk.standin.most_on_a_page = 10
    for number in range(35):
        desk.standin.add(f"talk {number}", "somebody")
    wanted = desk.standin.add(f"{MARKER}\nold")
    for number in range(35):
        desk.standin.add(f"more talk {number}", "somebody")
    assert desk.post().startswith("updated")
    assert desk.standin.comments[wanted]["body"].endswith("### prod: safe\n")
    assert len(desk.standin.comments) == 71


def test_only_its_own_comment_is_replaced(desk: Desk) -> None:
    """Neither another's with the marker, nor one that quotes it, nor that of another stack."""
    desk.standin.add(f"{MARKER}\nmine", "somebody")
    desk.standin.add(f"> {MARKER}")
    desk.standin.add("<!-- axiom-monitoring review of dev -->\n")
    assert desk.post().startswith("created")
    assert len(desk.standin.comments) == 4


def test_one_that_was_deleted_in_between_is_made_anew(desk: Desk) -> None:
    """The list is a moment old."""
    desk.standin.add(f"{MARKER}\nold")
    desk.standin.troubles.append(Trouble("PATCH", 404))
    assert desk.post().startswith("created")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Trouble("GET", 401), "the token is not valid"),
        (Trouble("GET", 403), "the token needs `pull-requests: write`"),
        (Trouble("GET", 404), "is not there, or the token may not see it"),
        (
            Trouble(
                "POST", 422, content={"message": "Validation Failed", "errors": [{"message": "too long"}]}
            ),
            "too long",
        ),
        (Trouble("GET", 301, {"Location": "http://127.0.0.1:9/"}), "answered with 301"),
        (Trouble("GET", 429, {"Retry-After": "4000"}), "the limit of rate is used up"),
        (
            Trouble("GET", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99000"}),
            "the limit of rate",
        ),
    ],
)
def test_a_refusal_is_one_line_that_says_why(desk: Desk, trouble: Trouble, said: str) -> None:
    """At once, where waiting would not help."""
    desk.standin.troubles.append(trouble)
    with pytest.raises(GithubError) as refused:
        desk.post()
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert TOKEN not in str(refused.value)
    assert desk.slept == []


@pytest.mark.parametrize(
    ("trouble", "seconds"),
    [
        (Trouble("GET", 429, {"Retry-After": "7"}), 7),
        (Trouble("POST", 403, {"Retry-After": "7"}), 7),
        (Trouble("GET", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1030"}), 31),
        (Trouble("GET", 429), 2),
        (Trouble("POST", 502, content=None), 1),
    ],
)
def test_a_limit_of_rate_is_waited_for(desk: Desk, trouble: Trouble, seconds: float) -> None:
    """As long as GitHub says, then once more."""
    desk.standin.troubles.append(trouble)
    assert desk.post().startswith("created")
    assert desk.slept == [seconds]


def test_it_gives_up_in_the_end(desk: Desk) -> None:
    """After five attempts, each after a longer while."""
    desk.standin.troubles += [Trouble("GET", 503) for _ in range(5)]
    with pytest.raises(GithubError, match="answered with 503"):
        desk.post()
    assert desk.slept == [1, 2, 4, 8]


def test_nobody_there_is_said() -> None:
    """No address answers."""
    client = Github("http://127.0.0.1:9", TOKEN, sleep=lambda _: None)
    with pytest.raises(GithubError, match="cannot be reached"):
        post(client, PLACE, BODY, 1)


def test_two_runs_at_once_leave_one_comment(desk: Desk) -> None:
    """Both saw none and both made one: the older stays, with the newer run's words."""
    desk.standin.meeting = threading.Barrier(2)
    runs = [threading.Thread(target=desk.post, args=(f"{BODY}run {run}\n", run)) for run in (5, 6)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    (body,) = desk.standin.bodies()
    assert body.endswith("run 6\n")


@pytest.mark.parametrize("runs", [(5, 6), (6, 5)])
def test_the_newer_words_stay_whoever_settles(desk: Desk, runs: tuple[int, ...]) -> None:
    """Also where the older run alone does, and the newer finds its comment gone."""
    for run in runs:
        desk.standin.add(f"{MARKER}\n<!-- run {run} -->\nrun {run}\n")
    client = Github(desk.url, TOKEN)
    settle(client, PLACE, MARKER)
    settle(client, PLACE, MARKER)
    (body,) = desk.standin.bodies()
    assert body.endswith("run 6\n")


def test_an_older_run_leaves_a_newer_comment_alone(desk: Desk) -> None:
    """It was slower, and its preview is of an older commit."""
    desk.post(run=9)
    assert desk.post(BODY + "older\n", run=8).startswith("a newer run has posted already")
    assert "older" not in desk.standin.bodies()[0]


@pytest.fixture
def body(tmp_path: Path) -> str:
    """The file of a comment."""
    (tmp_path / "body.md").write_text(BODY)
    return str(tmp_path / "body.md")


def test_the_command_posts(
    desk: Desk, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what a job's environment says."""
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    for name, value in {
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_API_URL": desk.url,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_RUN_ID": "12",
    }.items():
        monkeypatch.setenv(name, value)
    assert main(["post", "--body", body]) == 0
    assert capsys.readouterr().out.startswith("created")
    assert "<!-- run 12 -->" in desk.standin.bodies()[0]
    monkeypatch.setenv("GITHUB_TOKEN", "wrong")
    assert main(["post", "--body", body]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: GET /repos/o/r/issues/7/comments")
    assert "wrong" not in said


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("GITHUB_TOKEN", "error: no token: set GITHUB_TOKEN"),
        ("GITHUB_REPOSITORY", "error: no repository"),
        ("number", "error: no pull request"),
        ("marker", "error: the body is no comment of"),
        ("file", "error: [Errno 2] No such file"),
        ("length", "error: the body is longer than the 65,536"),
    ],
)
def test_what_is_missing_is_one_line_and_status_2(
    missing: str, said: str, body: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is asked of GitHub."""
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_EVENT_PATH", "GITHUB_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    values = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "o/r"}
    for name, value in values.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    if missing in ("marker", "length"):
        Path(body).write_text("no marker\n" if missing == "marker" else BODY + "x" * 65_536)
    file = "absent.md" if missing == "file" else body
    number = [] if missing == "number" else ["--pull-request", "7"]
    assert main(["post", "--body", file, *number]) == 2
    err = capsys.readouterr().err
    assert err.startswith(said)
    assert err.count("\n") == 1
