"""Secrets of every kind in every place of a line: none of them passes the filter, in any sink's form."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fluent_bit.corpus import CASES, path_of, written
from fluent_bit.test_pipeline import compliant, pipeline

CANARY = "c4n4ryQ7xT2mW9pL"
# As they stand in texts. Each holds the canary.
TEXTS: Mapping[str, str] = {
    "authorization": f"Authorization: Bearer {CANARY}",
    "authorization of another scheme": f"authorization=Digest username=a, response={CANARY}",
    "basic": f"sent Basic {CANARY}==",
    "proxy": f"Proxy-Authorization: {CANARY}",
    "cookie": f"Cookie: theme=dark; session={CANARY}; lang=ko",
    "set-cookie": f"set-cookie: sid={CANARY}; Path=/; HttpOnly",
    "key": f"X-API-Key: {CANARY}",
    "key without dashes": f"xApiKey={CANARY}",
    "token in an address": f"GET /callback?access_token={CANARY}&state=1 HTTP/1.1",
    "password": f"password={CANARY}, user=core",
    "password in a map": f'{{"user": "core", "password": "{CANARY}"}}',
    "password in a map of Python": f"{{'passwd': b'{CANARY}'}}",
    "password in escaped JSON": json.dumps(json.dumps({"client_secret": CANARY})),
    "headers of ASGI": f"[(b'host', b'a'), (b'cookie', b'session={CANARY}'), (b'x-api-key', b'{CANARY}')]",
    "database": f"postgresql://core:{CANARY}@db.internal:5432/core",
    "bearer alone": f"got bearer {CANARY}.{CANARY}",
    "jwt": f"token was eyJhbGciOiJIUzI1NiJ9.eyJ{CANARY}.{CANARY}",
    "openai": f"key sk-proj-{CANARY}{CANARY}",
    "langsmith": f"key lsv2_pt_{CANARY}",
    "slack": f"key xoxb-1-{CANARY}",
    "github": f"key ghp_{CANARY}",
    "aws": "key AKIAC4N4RYQ7XT2MW9PL",
    "e-mail": f"sent to {CANARY}@example.co.kr.",
    "e-mail with a plus": f"from=<kim+{CANARY}@example.com>",
    "e-mail in an address": f"/users?mail={CANARY}%40example.com",
}
# A line that has the text in a place of its own; what stands there is JSON, or is not.
PLACES: Mapping[str, Callable[[str], Any]] = {
    "the event": lambda text: compliant(event=text),
    "a field of the contract": lambda text: compliant(level="error", error=text),
    "a field of its own": lambda text: compliant(note=text),
    "a trace's id": lambda text: compliant(trace_id=text),
    "a list in a map": lambda text: compliant(context={"args": ["a", {"b": text}]}),
    "a key": lambda text: compliant(seen={text: 1}),
    "a key at the top": lambda text: compliant(**{text: 1}),
    "a clashing field": lambda text: compliant(stream=text),
    "a line that is no JSON": lambda text: f'10.0.0.1 - - "{text}" 200',
    "its start": lambda text: text,
    "an error stream": lambda text: {"stderr": f"2026/08/01 [error] {text}"},
    "half of a JSON": lambda text: compliant(note=text)[:-1],
    "a traceback": lambda text: {
        "stderr": f"Traceback (most recent call last):\n{TIME_OF} F ValueError: {text}"
    },
}
TIME_OF = "2026-08-01T09:00:00.000000000Z stderr"
FIELDS = (
    *("authorization", "Authorization", "cookie", "cookies", "set-cookie", "X-API-Key", "api_key", "apiKey"),
    *("password", "db_password", "client_secret", "accessToken", "refresh_token", "email", "user_email"),
    *("private_key", "aws_secret_access_key"),
)


def sent(line: Any, app: str = "core-api") -> str:
    """Everything that any sink gets of a line."""
    running = pipeline()
    events = running.events(path_of(app), written([line]))
    assert events
    return "".join(json.dumps(running.sent(event), ensure_ascii=False) for event in events)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TEXTS)
def test_no_secret_passes(kind: str, place: str) -> None:
    """The mark stands in its place."""
    found = sent(PLACES[place](TEXTS[kind]))
    assert CANARY.lower() not in found.lower()
    assert "[REDACTED]" in found


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_with_the_name_of_a_secret_has_no_value(name: str) -> None:
    """At any depth, whatever the value is; and in pairs, as servers hold headers."""
    for line in (
        compliant(**{name: CANARY}),
        compliant(request={"headers": {name: CANARY}}),
        compliant(request={"headers": [["host", "a"], [name, CANARY]]}),
        compliant(**{name: {"value": [CANARY]}}),
    ):
        assert CANARY not in sent(line)


def test_what_is_no_secret_stays() -> None:
    """Figures of tokens, ids, and the whole corpus."""
    assert "[REDACTED]" not in sent(compliant(llm_tokens=512, prompt_tokens=3, author="kim", tokenizer="bpe"))
    assert "[REDACTED]" not in sent("request r-1 took 3 s; tokens: none; secretary@ and a@b")
    for case in CASES.values():
        running = pipeline()
        for event in running.events(path_of(case["app"]), written(case["lines"])):
            assert "[REDACTED]" not in json.dumps(event.record)


def test_a_secret_that_a_cut_would_split_is_gone_before() -> None:
    """What is left of a long text was looked through as a whole."""
    found = sent("x" * 149_990 + f" Authorization: Bearer {CANARY}")
    assert CANARY[:4] not in found


def test_a_kind_that_nobody_looks_for_would_pass() -> None:
    """The test is not blind: a secret without a name or a look of its own is seen."""
    assert CANARY in sent(compliant(note=f"the word is {CANARY}"))
