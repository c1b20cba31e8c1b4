"""Puts a comment on a pull request, in place of the one that an earlier run put there."""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from review.fit import LIMIT
from review.github import Github, GithubError
from review.markdown import size
from review.preview import InputError
from review.secrets import clean_text

MARKER = re.compile(r"<!-- axiom-monitoring review of [\w+.]+ -->")
_RUN = re.compile(r"<!-- run (\d+) -->")
_EPILOG = """environment:
  GITHUB_TOKEN        token with `pull-requests: write`; never an argument
  GITHUB_REPOSITORY   owner/name, unless --repository says it
  GITHUB_EVENT_PATH   the event's file, for the number of the pull request
  GITHUB_API_URL      the API; https://api.github.com where it is not set
  GITHUB_RUN_ID       an older run leaves a newer one's comment alone

exit codes: 0 posted, or a newer run had; 1 GitHub refused or cannot be reached; 2 wrong usage or input
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a comment belongs, and whose comments may be replaced."""

    repository: str
    number: int
    author: str

    @property
    def comments(self) -> str:
        """Path of the pull request's comments."""
        return f"/repos/{self.repository}/issues/{self.number}/comments"

    def comment(self, number: int) -> str:
        """Path of one comment."""
        return f"/repos/{self.repository}/issues/comments/{number}"


def post(github: Github, place: Place, body: str, run: int) -> str:
    """Create the comment or replace the one that has its marker; what was done, in words.

    Two runs at once may both create one: the older of the two stays, with the newer run's body.

    Raises:
        GithubError: it is refused.
    """
    marker, text = body.partition("\n")[0], _with_run(body, run)
    for found in _ours(github, place, marker):
        if _run_of(found) > run:
            return f"a newer run has posted already: {found.get('html_url', '')}"
        if found.get("body") == text:
            return f"as it was: {found.get('html_url', '')}"
        try:
            return f"updated {_url(github.send('PATCH', place.comment(found['id']), {'body': text}))}"
        except GithubError as error:
            # Somebody deleted it in between.
            if error.status != 404:
                raise
    made = github.send("POST", place.comments, {"body": text})
    settle(github, place, marker)
    return f"created {_url(made)}"


def settle(github: Github, place: Place, marker: str) -> None:
    """Leave one comment where two runs made one each, whichever of them comes here first or alone.

    Raises:
        GithubError: it is refused.
    """
    first, *others = list(_ours(github, place, marker)) or [{}]
    if not others:
        return
    newest = max((first, *others), key=lambda found: (_run_of(found), int(found["id"])))
    if newest is not first:
        github.send("PATCH", place.comment(first["id"]), {"body": newest["body"]})
    for other in others:
        try:
            github.send("DELETE", place.comment(other["id"]))
        except GithubError as error:
            # The other run was quicker.
            if error.status != 404:
                raise


def _ours(github: Github, place: Place, marker: str) -> Iterator[Mapping[str, Any]]:
    """Comments of the author that have the marker, the oldest first. Another's could be anything."""
    found = [
        item
        for item in github.pages(f"{place.comments}?per_page=100")
        if isinstance(item, Mapping)
        and str(item.get("body") or "").startswith(marker)
        and (item.get("user") or {}).get("login") == place.author
    ]
    return iter(sorted(found, key=lambda item: int(item.get("id", 0))))


def _with_run(body: str, run: int) -> str:
    marker, _, rest = body.partition("\n")
    return f"{marker}\n<!-- run {run} -->\n{rest}"


def _run_of(comment: Mapping[str, Any]) -> int:
    found = _RUN.search(str(comment.get("body") or "")[:300])
    return int(found[1]) if found else 0


def _url(made: Any) -> str:
    return str(made.get("html_url", "")) if isinstance(made, Mapping) else ""


def main(arguments: Sequence[str]) -> int:
    """`python -m review post`; the result is the exit code.

    Raises:
        InputError: the token, the pull request, or a body of ours is missing.
    """
    options = _parser().parse_args(arguments)
    body = sys.stdin.read() if options.body == "-" else Path(options.body).read_text(encoding="utf-8")
    if not MARKER.fullmatch(body.partition("\n")[0]):
        raise InputError("the body is no comment of `python -m review`: it does not begin with its marker")
    github = Github(os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"), _token())
    place = Place(
        repository=_repository(options.repository),
        number=_number(options.pull_request),
        author=options.author,
    )
    run = os.environ.get("GITHUB_RUN_ID", "0")
    if size(_with_run(body, int(run) if run.isdecimal() else 0)) > LIMIT:
        raise InputError(f"the body is longer than the {LIMIT:,} characters that GitHub takes")
    try:
        print(post(github, place, body, int(run) if run.isdecimal() else 0))
    except GithubError as error:
        print(f"error: {clean_text(str(error))}", file=sys.stderr)
        return 1
    return 0


def _token() -> str:
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token:
        raise InputError("no token: set GITHUB_TOKEN to one with `pull-requests: write`")
    return token


def _repository(given: str) -> str:
    name = given or os.environ.get("GITHUB_REPOSITORY", "")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise InputError("no repository: set GITHUB_REPOSITORY or --repository to owner/name")
    return name


def _number(given: int | None) -> int:
    """The pull request: given, or that of the event which started the job."""
    if given is not None:
        return given
    path = os.environ.get("GITHUB_EVENT_PATH", "")
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        event = {}
    request = event.get("pull_request") if isinstance(event, Mapping) else None
    number = request.get("number") if isinstance(request, Mapping) else None
    if not isinstance(number, int):
        raise InputError("no pull request: give --pull-request, or run in a job that one started")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m review post",
        description="Put a comment on a pull request, in place of the one of an earlier run.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--body", default="-", metavar="FILE", help="what `python -m review` wrote; else standard input"
    )
    parser.add_argument("--pull-request", type=int, metavar="NUMBER", help="else the one of the event")
    parser.add_argument("--repository", default="", metavar="OWNER/NAME", help="else GITHUB_REPOSITORY")
    parser.add_argument(
        "--author", default="github-actions[bot]", metavar="LOGIN", help="whose comments may be replaced"
    )
    return parser
