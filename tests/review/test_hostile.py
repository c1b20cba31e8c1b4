"""Hostile previews: whatever they hold, the comment fits, is valid, says no secret, and is made in time."""

import json
import random
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from preview_samples import CONFIG, DEPLOYMENT, PROD, RDS, REDIS, digest, leaves, parsed, step

from review.comment import Options, comment
from review.fit import LIMIT
from review.markdown import size
from review.preview import previews

# Of a core that is idle: two are enough. One that is shared or slow is measured, and gets as much more.
SECONDS = 4.0
_WORK = 0.25
SECRETS = (
    "https://hooks.slack.com/services/T0AAAAAAA/B0AAAAAAA/abcdefghijklmnopqrstuvwx",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJoaWRkZW4ifQ.c2lnbmF0dXJl",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "postgres://axiom:hunter2hunter@db.example.com/axiom",
    "password=hunter2hunter",
    "-----BEGIN PRIVATE KEY-----\nMIIEhunter2hunterAAAA\n-----END PRIVATE KEY-----",
)
# The parts of them that must not be seen.
CORES = (
    "abcdefghijklmnopqrstuvwx", "AKIAIOSFODNN7", "eyJzdWIiOiJoaWRkZW4ifQ", "hunter2hunter", "c2lnbmF0dXJl",
)  # fmt: skip
NASTY = (
    "`" * 40, "```\n# out", "<script>alert(1)</script>", "</details></details>", "<!--", "-->", "@octocat",
    "#1", "|||", "\u202e\u2066abc", "\u200b", "\x00\x1b[31m", "\ud800", "[x](http://evil.example)", "\\`",
    "![x](http://evil.example/i.png)", "http://evil.example", "www.evil.example", "\n\n# heading\n\n- list",
    "~~~\n", "&lt;b&gt;", "한국어", "😀" * 50, *SECRETS,
)  # fmt: skip
OURS = re.compile(r"<details><summary>[^<]*</summary>|</details>|<!-- [\w .+-]+ -->")
KINDS = (CONFIG, DEPLOYMENT, RDS, REDIS, "aws:s3/bucket:Bucket", "kubernetes:core/v1:Secret", "<b>:@x/`:|")
OPS = ("create", "update", "delete", "replace", "create-replacement", "delete-replaced", "import", "same")


class Hostile:
    """Makes values, steps and previews of a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        """A text of nasty parts."""
        parts = self.random.choices((*NASTY, "plain", " ", "\n"), k=self.random.randint(1, 6))
        return "".join(parts) * self.random.choice((1, 1, 1, 2))

    def value(self, depth: int = 0) -> Any:
        """Any JSON."""
        kind = self.random.randint(0, 5 if depth < 3 else 3)
        if kind == 4:
            return {self.text(): self.value(depth + 1) for _ in range(self.random.randint(0, 4))}
        if kind == 5:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 4))]
        return (self.text(), self.random.choice((None, True, -1, 10**30, 1.5)), self.text(), 7)[kind]

    def inputs(self, kind: str) -> dict[str, Any]:
        """Inputs that look a little like what they should be."""
        found: dict[str, Any] = {self.text(): self.value(), "spec": self.value(), "data": self.value()}
        if kind == CONFIG:
            rules = json.dumps(
                {"groups": [{"name": self.text(), "rules": [{"alert": self.text(), "expr": "a > 1"}]}]}
            )
            found["data"] = {"a.yml": rules, "b.ini": self.text() * 20, self.text(): self.text()}
        if kind == REDIS:
            found |= {
                "clusterMode": self.random.choice(("disabled", "compatible", "enabled")),
                "numNodeGroups": 2,
            }
        return found

    def step(self) -> dict[str, Any]:
        """A step of any operation on any type."""
        op, kind = self.random.choice(OPS), self.random.choice(KINDS)
        name = self.random.choice((self.text(), "postgres-instance", "redis-group", "neo4j-pods")).replace(
            "::", ""
        )
        old = None if op in ("create", "import") else self.inputs(kind)
        new = None if op in ("delete", "delete-replaced") else self.inputs(kind)
        diff = {self.text(): {"kind": "update"}}
        more = {"detailedDiff": diff, "replaceReasons": [self.text()], "diffReasons": [self.text()]}
        return step(op, kind, name, old, new, parent=f"a:b:{self.text()}::{self.text()}", **more)

    def preview(self, steps: int) -> str:
        """A whole preview, with config, outputs and errors of the same kind."""
        config = {**PROD, f"axiom-monitoring:{self.text()}": self.text(), "axiom-monitoring:tier": "1year"}
        errors = [self.text() for _ in range(self.random.randint(0, 5))]
        outputs = {"tier": self.random.choice(("current", self.text())), "sinks": [self.text()]}
        made = [self.step() for _ in range(steps)]
        return digest(*made, config=self.random.choice((PROD, config)), errors=errors, outputs=outputs)


def pace() -> float:
    """How many times slower this process is now than alone on a core of usual speed."""
    started = time.process_time()
    found = re.compile("(?i)pass|secret|token")
    for number in range(40_000):
        found.search(f"{number} " * 40)
    return max(1.0, (time.process_time() - started) / _WORK)


def timed(text: str, options: Options) -> str:
    """The comment about previews, within the limit and the time that a reader waits (of this process)."""
    started = time.process_time()
    found = comment(previews(text), options)
    spent = time.process_time() - started
    assert spent < SECONDS or spent < SECONDS * pace()
    assert size(found) <= LIMIT
    return found


def checked(text: str) -> str:
    """The same, held against everything that must be true of one."""
    found = timed(text, Options(marker="review of prod", tier="1year", where="[whole](x)"))
    found.encode()
    for core in CORES:
        assert core not in found
    assert list(broken(found)) == []
    return found


def broken(text: str) -> Iterator[str]:
    """What is not ours to Markdown, or is not closed."""
    for token in leaves(text):
        if token.type in ("html_block", "html_inline") and OURS.sub("", token.content).strip():
            yield f"HTML: {token.content[:80]}"
        if token.type == "image" or (token.type == "link_open" and token.attrs.get("href") != "x"):
            yield f"a link: {token.attrs}"
        if token.type == "text" and re.search(r"@\w|(?<!\w)#\d|https?://|www\.\w", token.content):
            yield f"a mention, reference or link: {token.content[:80]}"
        if token.type == "heading_open" and token.tag not in ("h3", "h4"):
            yield f"a heading: {token.tag}"
    if text.count("<details>") < 1 or parsed(text)[-1].content.strip() != "</details>":
        yield "the end is not the end of a part"
    opened = "".join(token.content for token in parsed(text) if token.type == "html_block")
    if opened.count("<details>") != opened.count("</details>"):
        yield "a part is not closed"
    if re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00\x1b]", text):
        yield "a character that hides"


@pytest.mark.parametrize("seed", range(30))
def test_any_values_in_any_place(seed: int) -> None:
    """A few resources, each of them hostile."""
    checked(Hostile(seed).preview(12))


def test_three_thousand_resources_are_counted() -> None:
    """Shown as far as they fit; every other one is in a count."""
    made = [
        step(
            "update",
            CONFIG,
            f"files-{n}",
            {"data": {"a": f"{n}\n" * 40}},
            {"data": {"a": f"{n + 1}\n" * 40}},
            parent=f"axiom:monitoring:Workload::w{n % 40}",
        )
        for n in range(3000)
    ]
    found = checked(digest(*made))
    shown = found.count("(`ConfigMap`) changed")
    left = sum(int(count.replace(",", "")) for count in re.findall(r"([\d,]+) more resources", found))
    assert shown > 100
    assert shown + left == 3000


def test_three_thousand_hostile_resources() -> None:
    """Fit, and are made in time."""
    checked(Hostile(1).preview(3000))


HUGE = {
    "letters": "x" * 5_000_000,
    "ticks": "`" * 5_000_000,
    "lines": "a: b\n" * 1_000_000,
    "open brackets": "[" * 5_000_000,
    "sequences": "- " * 2_500_000,
    "keys": "? " * 2_500_000,
    "words before a colon": "password" * 600_000,
    "an address without an end": "https://" + "a:" * 2_500_000,
    "keys without an end": "-----BEGIN PRIVATE KEY-----" * 180_000,
    "aliases": "a: &a [x, x]\n" + "".join(f"{n}: &n{n} [*a, *a]\n" for n in range(1000)),
}


@pytest.mark.parametrize("kind", HUGE)
def test_five_megabytes_in_one_value(kind: str) -> None:
    """In a file, a property, a name and an error."""
    huge = HUGE[kind]
    file = step("update", CONFIG, "files", {"data": {"a.yml": huge}}, {"data": {"a.yml": f"{huge}y"}})
    value = step("update", RDS, "other", {"x": huge}, {"x": f"{huge}y"})
    timed(digest(file, value), Options())
    timed(digest(step("delete", "aws:iam/role:Role", huge, {}), errors=[huge]), Options())


@pytest.mark.parametrize(
    "planted",
    ["a `code", "<b>x</b>", "[x](http://evil.example)", "hi @octocat", "see #12", "# heading", "<details>",
     "\u202e", "http://evil.example"],
)  # fmt: skip
def test_a_planted_break_is_found(planted: str) -> None:
    """Each check can fail."""
    good = checked(digest())
    assert list(broken(good)) == []
    if planted != "a `code":
        assert list(broken(good.replace("\n\n", f"\n\n{planted}\n\n", 1)))
    assert list(broken(good + "\n```\nnot closed"))
