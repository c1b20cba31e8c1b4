"""Keeps secrets out of a comment: by the key that holds a value, and by the look of the value.

Pulumi masks what is marked secret. This is the second line, for what nobody marked: a token pasted
into a file, a password in an address, an error that repeats what it was given.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from config.secrets import SecretKey
from model.transitions.finding import HIDDEN
from review.assigned import STRUCTURED, WORDS, masked

# What the engine writes in place of a value that is not known before the update.
UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN = "known after the update"
# The key that marks an envelope of the engine, and what it holds for a secret.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
# A value that says where a secret lies, or how it is handled, is none.
_HARMLESS = re.compile(r"(?i)(?:file|path|name|arn|strategy|minutes|ttl|limit|budget|enabled|count|id)s?$")
_KEY = re.compile(rf"(?i)(?:{WORDS})$")
_OWN_KEYS = frozenset(key.lower() for key in SecretKey)
# One of these stands in each name of a secret: much cheaper than the look itself.
_STEMS = (
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "dsn",
    "webhook",
    "connection",
    "authoriz",
    "signature",
    "heartbeat",
    "masterauth",
)
# What an item of a list is called by, such as a variable of a container, and where its value stands.
_NAMES = ("name", "key", "Name", "Key", "parameterKey", "ParameterKey")
_VALUES = ("value", "Value", "parameterValue", "ParameterValue")
_LONG_USER = 16
# Longer texts are not compared line by line and never shown whole.
_LONGEST = 250_000
_BEGINNING = 2_000
_SHORT = 2_000
# Each with a word that must be there: a search for plain text costs nothing.
_FORMATS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # A web token: JSON in base64 begins so.
    ("eyJ", re.compile(r"eyJ[\w-]{6,}(?:\.[\w-]+)*")),
    ("hc-ping", re.compile(r"hc-ping\.com/[^\s\"'<>|\\]+")),
    ("pagerduty", re.compile(r"(?<=events\.pagerduty\.com/integration/)[^\s\"'<>|\\/]+")),
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
# An address, in which whoever is named before its last @ may have a password.
_ADDRESS = re.compile(r"(?<=://)[^\s\"'<>]+")
# The engine repeats planned values in clear where an update departs from its plan.
_PLAN = re.compile(r"(violates plan:)[\s\S]*")


@lru_cache(maxsize=4096)
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
    return _known(text) if len(text) <= _SHORT else _cleaned(text)


@lru_cache(maxsize=4096)
def _known(text: str) -> str:
    """Most texts of a preview are there twice, before and after."""
    return _cleaned(text)


def _cleaned(text: str) -> str:
    if "violates plan" in text:
        text = _PLAN.sub(rf"\1 {HIDDEN} (it repeats planned values, secrets among them)", text)
    text = _formatted(text, _FIRST)
    if "://" in text and "@" in text:
        text = _ADDRESS.sub(_without_user, text)
    lowered = text.lower()
    if any(stem in lowered for stem in _STEMS):
        text = masked(text, is_secret_key)
    return _formatted(text, _FORMATS).replace(UNKNOWN_SENTINEL, UNKNOWN)


def _without_user(found: re.Match[str]) -> str:
    """An address without a password, or without a user that is as long as a key."""
    user, at, host = found[0].rpartition("@")
    return f"{HIDDEN}{at}{host}" if ":" in user or (len(user) >= _LONG_USER and "/" not in user) else found[0]


def _formatted(text: str, formats: Iterable[tuple[str, re.Pattern[str]]]) -> str:
    for word, pattern in formats:
        if word in text:
            text = pattern.sub(HIDDEN, text)
    return text


def clean(value: Any, key: str = "") -> Any:
    """A JSON value without secrets: envelopes, what is called a secret, what looks like one."""
    if isinstance(value, Mapping):
        return HIDDEN if _SIGNATURE in value or _is_hidden(key, value) else _mapping(value)
    if isinstance(value, list):
        return HIDDEN if _is_hidden(key, value) else [*_items(value, key)]
    if value == UNKNOWN_SENTINEL:
        return UNKNOWN
    if value is None or isinstance(value, bool) or value == "":
        return value
    if is_secret_key(key):
        return HIDDEN
    return clean_text(value) if isinstance(value, str) else value


def _is_hidden(key: str, value: Mapping[str, Any] | list[Any]) -> bool:
    """Whether all of it is a secret: what lies below may be called anything."""
    return bool(value) and key.lower() not in STRUCTURED and is_secret_key(key)


def _mapping(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if value.get("kind") == "Secret":
        value = {name: _content(name, item) for name, item in value.items()}
    called = next((str(value[name]) for name in _NAMES if name in value), "")
    return {
        clean_text(str(name)): clean(item, called if name in _VALUES and is_secret_key(called) else str(name))
        for name, item in value.items()
    }


def _items(value: list[Any], key: str) -> Iterator[Any]:
    """Items of a list, in which a flag may name the one that follows it."""
    flag = ""
    for item in value:
        yield clean(item, flag or key)
        is_flag = isinstance(item, str) and item.startswith("-") and is_secret_key(item)
        flag = str(item) if is_flag else ""


def _content(key: str, value: Any) -> Any:
    """The content of an object that holds secrets: its keys only."""
    if key not in ("data", "stringData"):
        return value
    return dict.fromkeys(value, HIDDEN) if isinstance(value, Mapping) else HIDDEN
