"""Keeps secrets out of a comment: by the key that holds a value, and by the look of the value.

Pulumi masks what is marked secret. This is the second line, for what nobody marked: a token pasted
into a file, a password in an address, an error that repeats what it was given.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from config.secrets import SecretKey
from model.transitions.finding import HIDDEN

# What the engine writes in place of a value that is not known before the update.
UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN = "known after the update"
# The key that marks an envelope of the engine, and what it holds for a secret.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
# A value that says where a secret lies, or how it is handled, is none.
_HARMLESS = re.compile(r"(?i)(?:file|path|name|arn|strategy|minutes|ttl|limit|budget|enabled|count|id)s?$")
_WORDS = (
    r"passw(?:or)?d|passphrase|secret[_-]?(?:string|binary|key|value|access[_-]?key)?|auth[_-]?token|token"
    r"|api[_-]?key|access[_-]?key|private[_-]?key|routing[_-]?key|client[_-]?secret|credentials?|dsn"
    r"|webhook(?:[_-]?url)?|connection[_-]?string|authorization"
)
_KEY = re.compile(rf"(?i)(?:^|[_.\-\s]|(?<=[a-z])(?=[A-Z]))?(?:{_WORDS})$")
_OWN_KEYS = frozenset(key.lower() for key in SecretKey)
# A key and its value inside a text: YAML, JSON, INI, a connection string, a header.
_ASSIGNED = re.compile(
    rf"(?i)((?:{_WORDS})[\"']?\s{{0,3}}[:=]\s{{0,3}})(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&'\"}}\]]+)"
)
# One of these stands in each of the words.
_STEMS = (
    "passw",
    "passphrase",
    "secret",
    "token",
    "key",
    "credential",
    "dsn",
    "webhook",
    "connection",
    "authoriz",
)
_NAME_BEFORE = re.compile(r"[\w.-]*$")
# Longer texts are not compared line by line and never shown whole.
_LONGEST = 250_000
_BEGINNING = 2_000
# Each with a word that must be there: a search for plain text costs nothing.
_FORMATS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # A web token: JSON in base64 begins so.
    ("eyJ", re.compile(r"eyJ[\w-]{6,}(?:\.[\w-]+)*")),
    ("hooks.slack", re.compile(r"(?:https?://)?hooks\.slack(?:-gov)?\.com/[^\s\"'<>|]+")),
    ("xox", re.compile(r"xox[a-z]-[\w-]{8,}")),
    ("AKIA", re.compile(r"AKIA[0-9A-Z]{12,}")),
    ("ASIA", re.compile(r"ASIA[0-9A-Z]{12,}")),
    ("gh", re.compile(r"(?:gh[pousr]_\w{16,}|github_pat_\w{16,})")),
    ("glsa_", re.compile(r"glsa_\w{16,}")),
    ("pul-", re.compile(r"pul-[0-9a-f]{20,}")),
    ("sk-", re.compile(r"(?<![A-Za-z])sk-[\w-]{16,}")),
    ("lsv2_", re.compile(r"lsv2_\w{16,}")),
    ("AIza", re.compile(r"AIza[\w-]{30,}")),
    ("://", re.compile(r"(?<=://)[^\s/@:\"'<>]*:[^\s@\"'<>]+(?=@)")),
    ("://", re.compile(r"(?<=://)[0-9a-f]{32}(?=@)")),
    ("v1:", re.compile(r"v1:[\w+/=]{12,}:[\w+/=]{16,}")),
)
# Those of several words come first: the look at keys and their values would take one of them.
_FIRST = (
    (
        "PRIVATE KEY",
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----END)[\s\S])*(?:-----END [A-Z ]*-----)?"),
    ),
    ("earer ", re.compile(r"(?<=earer )[\w.~+/=-]{8,}")),
    ("asic ", re.compile(r"(?<=asic )[\w+/=-]{12,}")),
)
# The engine repeats planned values in clear where an update departs from its plan.
_PLAN = re.compile(r"(violates plan:)[\s\S]*")


def is_secret_key(key: str) -> bool:
    """Whether what is called so is a secret, whatever it looks like."""
    last = key.rsplit(":", 1)[-1]
    if last.lower() in _OWN_KEYS:
        return True
    return not _HARMLESS.search(last) and _KEY.search(last) is not None


def clean_text(text: str) -> str:
    """`text` without anything that looks like a secret; of a very long one its beginning and a digest."""
    if len(text) > _LONGEST:
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
        # What is cut in the middle is not shown: the beginning of the beginning is.
        return f"{_cleaned(text[: 2 * _BEGINNING])[:_BEGINNING]}… ({len(text):,} characters, {digest})"
    return _cleaned(text)


def _cleaned(text: str) -> str:
    if "violates plan" in text:
        text = _PLAN.sub(rf"\1 {HIDDEN} (it repeats planned values, secrets among them)", text)
    text = _formatted(text, _FIRST)
    if _may_assign(text):
        text = _ASSIGNED.sub(_masked, text)
    return _formatted(text, _FORMATS).replace(UNKNOWN_SENTINEL, UNKNOWN)


def _may_assign(text: str) -> bool:
    """Whether it may call something a secret: much cheaper than the look itself."""
    lowered = text.lower()
    return (":" in text or "=" in text) and any(stem in lowered for stem in _STEMS)


def _formatted(text: str, formats: Iterable[tuple[str, re.Pattern[str]]]) -> str:
    for word, pattern in formats:
        if word in text:
            text = pattern.sub(HIDDEN, text)
    return text


def _masked(found: re.Match[str]) -> str:
    before = _NAME_BEFORE.search(found.string[max(0, found.start() - 40) : found.start()])
    key = (before[0] if before else "") + re.split(r"[\"'\s:=]", found[1], maxsplit=1)[0]
    value = found[2].strip("\"'")
    # Where a secret lies is no secret: a path, an expression, another key.
    told = value.startswith(("/", "$", "{", "[", "|", ">")) or value in ("", "true", "false")
    if told or not is_secret_key(key):
        return found[0]
    quote = found[2][0] if found[2][0] in "\"'" else ""
    return f"{found[1]}{quote}{HIDDEN}{quote}"


def clean(value: Any, key: str = "") -> Any:
    """A JSON value without secrets: envelopes, what is called a secret, what looks like one."""
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return HIDDEN
        if value.get("kind") == "Secret":
            value = {name: _hidden(name, item) for name, item in value.items()}
        return {clean_text(str(name)): clean(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [clean(item, key) for item in value]
    if isinstance(value, str):
        if value == UNKNOWN_SENTINEL:
            return UNKNOWN
        return HIDDEN if value and is_secret_key(key) else clean_text(value)
    return value


def _hidden(key: str, value: Any) -> Any:
    """The content of an object that holds secrets: its keys only."""
    if key not in ("data", "stringData"):
        return value
    return dict.fromkeys(value, HIDDEN) if isinstance(value, Mapping) else HIDDEN
