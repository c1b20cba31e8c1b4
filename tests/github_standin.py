"""GitHub's comments on loopback: pages, answers that a test puts in their way, and what was asked."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from loopback import HOST, Handler, serving

TOKEN = "token-of-the-test"
BOT = "github-actions[bot]"
_LIST = re.compile(r"/repos/o/r/issues/7/comments")
_ONE = re.compile(r"/repos/o/r/issues/comments/(\d+)")


@dataclass
class Trouble:
    """An answer in place of the real one, for the next request of a method."""

    method: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: Any = field(default_factory=lambda: {"message": "trouble"})


@dataclass
class Standin:
    """The comments of pull request 7 of o/r, by number; and whom GitHub takes the caller for."""

    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    most_on_a_page: int = 100
    lock: threading.Lock = field(default_factory=threading.Lock)
    meeting: threading.Barrier | None = None
    """Where runs wait for each other before they create."""

    def add(self, body: str, login: str = BOT) -> int:
        """A comment that is there; its number."""
        number = max(self.comments, default=0) + 1
        self.comments[number] = {
            "id": number,
            "body": body,
            "user": {"login": login},
            "html_url": f"https://github.example/o/r/pull/7#{number}",
        }
        return number

    def bodies(self) -> list[str]:
        """Of all comments, the oldest first."""
        return [self.comments[number]["body"] for number in sorted(self.comments)]


class _Handler(Handler):
    standin: Standin

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        standin, found = self.standin, urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        content = json.loads(self.rfile.read(length)) if length else {}
        if method == "POST" and standin.meeting:
            standin.meeting.wait(10)
        with standin.lock:
            standin.asked.append((method, found.path))
            trouble = next((each for each in standin.troubles if each.method == method), None)
            if trouble:
                standin.troubles.remove(trouble)
                return self._json(trouble.status, trouble.content, trouble.headers)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self._json(401, {"message": "Bad credentials"})
            if _LIST.fullmatch(found.path):
                return self._listed(method, content, parse_qs(found.query))
            one = _ONE.fullmatch(found.path)
            if one and int(one[1]) in standin.comments:
                return self._changed(method, int(one[1]), content)
            return self._json(404, {"message": "Not Found"})

    def _listed(self, method: str, content: dict[str, Any], query: dict[str, list[str]]) -> None:
        if method == "POST":
            if len(content["body"]) > 65536:
                problem = {"code": "custom", "message": "body is too long (maximum is 65536 characters)"}
                return self._json(422, {"message": "Validation Failed", "errors": [problem]})
            number = self.standin.add(content["body"])
            return self._json(201, self.standin.comments[number])
        page, size = int(query.get("page", ["1"])[0]), self.standin.most_on_a_page
        numbers = sorted(self.standin.comments)[(page - 1) * size : page * size]
        more = page * size < len(self.standin.comments)
        path = f"{urlsplit(self.path).path}?per_page=100&page={page + 1}"
        here = f"http://{HOST}:{self.server.server_address[1]}{path}"
        headers = {"Link": f'<{here}>; rel="next", <{here}>; rel="last"'} if more else {}
        return self._json(200, [self.standin.comments[number] for number in numbers], headers)

    def _changed(self, method: str, number: int, content: dict[str, Any]) -> None:
        if method == "DELETE":
            del self.standin.comments[number]
            return self._json(204, None)
        self.standin.comments[number]["body"] = content["body"]
        return self._json(200, self.standin.comments[number])

    def _json(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def github() -> Iterator[tuple[Standin, str]]:
    """A stand-in, and the address of its API."""
    standin = Standin()
    handler = type("Handler", (_Handler,), {"standin": standin})
    with serving(handler) as port:
        yield standin, f"http://{HOST}:{port}"
