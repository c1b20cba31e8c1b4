"""GitHub's API as far as comments need it: pages, limits of rate, and answers in plain words."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

_VERSION = "2022-11-28"
_ATTEMPTS = 5
_SECONDS = 30.0
# Longer than this a job waits for no limit of rate.
_LONGEST_WAIT = 120.0
_NEXT = re.compile(r'<([^<>]*)>;\s*rel="next"')


class GithubError(Exception):
    """GitHub refused, or could not be reached; one line says what and what to do."""

    def __init__(self, text: str, *, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    headers: Mapping[str, str]
    content: Any


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Github:
    """The API at `url`, with a token that no message repeats."""

    url: str
    token: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def pages(self, path: str) -> Iterator[Any]:
        """Every item of a list, over all of its pages.

        Raises:
            GithubError: a page cannot be had.
        """
        where = f"{self.url}{path}"
        while where:
            answer = self._asked("GET", where, None)
            yield from answer.content if isinstance(answer.content, list) else ()
            found = _NEXT.search(answer.headers.get("link", ""))
            where = found[1] if found and found[1].startswith(f"{self.url}/") else ""

    def send(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """Create, change or delete; the content of the answer.

        Raises:
            GithubError: it is refused.
        """
        return self._asked(method, f"{self.url}{path}", content).content

    def _asked(self, method: str, url: str, content: Mapping[str, Any] | None) -> Answer:
        """One request, again after a while where that may help."""
        for attempt in range(1, _ATTEMPTS + 1):
            answer = self._once(method, url, content)
            if 200 <= answer.status < 300:
                return answer
            wait = self._wait(answer, attempt)
            if wait is None or attempt == _ATTEMPTS:
                raise GithubError(_told(answer, method, url.removeprefix(self.url)), status=answer.status)
            self.sleep(wait)
        raise AssertionError("every attempt ends above")

    def _once(self, method: str, url: str, content: Mapping[str, Any] | None) -> Answer:
        request = urllib.request.Request(
            url,
            None if content is None else json.dumps(content).encode(),
            {
                "Authorization": f"Bearer {self.token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": _VERSION,
                "User-Agent": "axiom-monitoring-review",
                "Content-Type": "application/json",
            },
            method=method,
        )
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=_SECONDS) as response:
                return Answer(response.status, _lowered(response.headers), _json(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lowered(error.headers), _json(error.read()))
        except (OSError, ValueError) as error:
            return Answer(0, {}, {"message": str(getattr(error, "reason", error))})

    def _wait(self, answer: Answer, attempt: int) -> float | None:
        """Seconds until it may be asked again; None where that would not help."""
        if answer.status in (403, 429):
            asked = _number(answer.headers.get("retry-after"))
            if asked is None and answer.headers.get("x-ratelimit-remaining") == "0":
                reset = _number(answer.headers.get("x-ratelimit-reset"))
                asked = None if reset is None else max(0.0, reset - self.clock()) + 1
            if asked is None:
                return float(2**attempt) if answer.status == 429 else None
            return asked if asked <= _LONGEST_WAIT else None
        return float(2 ** (attempt - 1)) if answer.status == 0 or answer.status >= 500 else None


def _lowered(headers: Message) -> dict[str, str]:
    return {key.lower(): value for key, value in headers.items()}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


_HINTS = {
    401: "the token is not valid",
    403: "the token needs `pull-requests: write`, and forks get none",
    404: "the repository or the pull request is not there, or the token may not see it",
    422: "GitHub does not take it",
    429: "the limit of rate is used up",
}


def _told(answer: Answer, method: str, path: str) -> str:
    said = answer.content.get("message", "") if isinstance(answer.content, Mapping) else ""
    if answer.status == 0:
        return f"GitHub cannot be reached ({method} {path}): {said}"
    limited = answer.status == 403 and answer.headers.get("x-ratelimit-remaining") == "0"
    hint = _HINTS[429] if limited else _HINTS.get(answer.status, "GitHub has a problem")
    errors = answer.content.get("errors") if isinstance(answer.content, Mapping) else None
    more = f" {json.dumps(errors)[:300]}" if errors else ""
    return f"{method} {path} was answered with {answer.status}: {hint} ({str(said)[:300]}{more})"
