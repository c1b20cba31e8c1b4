"""Secrets of every kind in every place of a line: none of them passes the filter, in any sink's form."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fluent_bit.corpus import CASES, in_parts, path_of, written
from fluent_bit.test_pipeline import compliant, pipeline

from config.logs import log_contract

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
    "e-mail in an address with a plus": f"/users?mail=kim%2B{CANARY}%40example.com",
    "password with a quote of the other kind": f'"password": "it\'s-{CANARY}"',
    "password with an escaped quote": f'"password": "ab\\"cd{CANARY}"',
    "password with an escaped quote, escaped again": json.dumps(
        f'{{"password": "ab\\"cd{CANARY}", "user": "core"}}'
    ),
    "password in single quotes": f"password='ab\"{CANARY}'",
    "password that ends with a backslash": f'"password": "a\\\\", "token": "{CANARY}"',
    "password behind an arrow": f":password => {CANARY}",
    "password of a form": f"user=core&password={CANARY}",
    "password of an escaped form": f"user%3Dcore%26password%3D{CANARY}",
    "password in a list": f'"password":["{CANARY}"]',
    "passwords in lists": f"passwords=[['a'], ['{CANARY}']]",
    "password of a form with brackets": f"user[password]={CANARY}",
    "password in capitals": f"DBPassword={CANARY}",
    "password of several": f"password_2={CANARY}",
    "variable of an environment": f"JWT_SECRET_KEY={CANARY}",
    "name with dots": f"http.request.header.authorization={CANARY}",
    "tokens": f"tokens: {CANARY}",
    "header as a map": f'{{"name":"Authorization","value":"{CANARY}"}}',
    "header as a map with a key": f'{{"key": "x-api-key", "value": "{CANARY}"}}',
    "headers as a list": f'["Host","a","Authorization","{CANARY}"]',
    "database with a slash": f"redis://:ab/cd{CANARY}@cache:6379/0",
    "database with an at": f"postgresql://core:p@ss{CANARY}@db/core",
    "code in an address": f"GET /callback?code={CANARY}&state=1",
    "signature in an address": f"https://account.blob.core.windows.net/c?sv=1&sig={CANARY}",
    "signature of AWS": f"https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature={CANARY}",
    "key in an address": f"GET /v1/models?key=AIza{CANARY}",
    "key of Google": f"the key AIza{CANARY}",
    "webhook of Slack": f"POST https://hooks.slack.com/services/T0/B0/{CANARY}",
    "github, fine": f"key github_pat_{CANARY}_1",
    "stripe": f"key sk_live_{CANARY}",
    "bearer behind a tab": f"got Bearer\t{CANARY}",
    "bearer in an address": f"?h=Bearer%20{CANARY}",
    "private key": f"-----BEGIN RSA PRIVATE KEY-----\\nMII{CANARY}\\n-----END RSA PRIVATE KEY-----",
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
    *("private_key", "aws_secret_access_key", "secret_key", "SECRET_KEY", "secretKey", "JWT_SECRET_KEY"),
    *("user.password", "db.password", "http.request.header.authorization", "DBPassword", "password2"),
    *("accesstoken", "authtoken", "tokens", "access_tokens", "secrets", "passwords", "api_keys"),
    *("credential", "credentials", "passphrase", "signing_key", "encryption_key", "session_id"),
)
# Names that hold one of a secret, or are close to one.
PLAIN = (
    *(
        "llm_tokens",
        "tokenizer",
        "author",
        "secretary",
        "email_sent",
        "token_count",
        "password_age",
        "cookie_name",
    ),
    *("x" * 80, "token" + "x" * 80, "x" * 80 + "token", "tokens2", "key", "code", "sig", "keys"),
)
# What takes longest of every loop: each hint again and again, without what would make it a secret.
LONG = {
    "base64 with an at": "QUJDREVGR0hJSktM" * 6000 + "@" + "QUJDREVGR0hJSktM" * 6000,
    "letters": "a" * 200_000,
    "ats": "a@" * 100_000,
    "ats without names": "@" * 200_000,
    "dots behind an at": "a@" + "a." * 100_000,
    "escaped ats": "a%40" * 50_000,
    "blanks": "password" + " " * 200_000,
    "names and blanks": "password   " * 18_000,
    "jwt": "eyJ" * 66_000,
    "jwt with dots": "eyJ." * 50_000,
    "addresses": "://a:" * 40_000,
    "addresses with an at": "://a:@" * 33_000,
    "addresses without an end": "://:" * 50_000,
    "names": "password" * 25_000,
    "names with dots": "password." * 22_000,
    "quotes": 'password="' * 20_000,
    "quotes that do not end": "password='a" + 'password="' * 20_000,
    "backslashes": 'password="' + "\\" * 200_000,
    "brackets": "password=[" * 20_000,
    "brackets in lines": "password=[\n" * 18_000,
    "lines": "cookie: a\n" * 20_000,
    "commas": 'token,"' * 28_000,
    "keys of all kinds": "sk- gh AKIA xox lsv2_ bearer basic AIza " * 5_000,
    "private keys": "PRIVATE KEY-----" * 12_000,
    "every name": "password token secret cookie email authorization " * 4_000,
}


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
        compliant(request={"headers": ["host", "a", name, CANARY]}),
        compliant(request={"headers": [{"name": name, "value": CANARY}, {"key": name, "value": [CANARY]}]}),
        compliant(**{name: {"value": [CANARY]}}),
    ):
        assert CANARY not in sent(line)


@pytest.mark.parametrize("name", [*FIELDS, *PLAIN])
def test_the_contract_knows_the_names_that_the_filter_blanks(name: str) -> None:
    """By its own rule it refuses them as fields, whose values the filter would let through."""
    redaction = log_contract().redaction
    for value in (CANARY, 512):
        (event,) = pipeline().events(path_of("core-api"), written([compliant(**{name: value})]))
        blanked = event.record[name] == redaction.mark
        assert blanked == redaction.blanks(name, figure=isinstance(value, int))


def test_a_private_key_in_several_lines_is_one_record_without_it() -> None:
    """Encrypted ones with their headers too; what comes before and behind stays."""
    body = [*[CANARY * 4] * 20, f"{CANARY}=="]
    for head in ([], ["Proc-Type: 4,ENCRYPTED", f"DEK-Info: AES-256-CBC,{CANARY}", ""]):
        key = ["loaded -----BEGIN RSA PRIVATE KEY-----", *head, *body, "-----END RSA PRIVATE KEY-----"]
        found = pipeline().events(path_of("core-api"), written(["before", *key, "then it ran", compliant()]))
        assert [event.record["event"] for event in found] == [
            "before",
            "loaded -----BEGIN RSA PRIVATE KEY-----[REDACTED]-----END RSA PRIVATE KEY-----",
            "then it ran",
            "done",
        ]


def test_what_is_no_secret_stays() -> None:
    """Figures of tokens, ids, and the whole corpus."""
    assert "[REDACTED]" not in sent(compliant(llm_tokens=512, prompt_tokens=3, author="kim", tokenizer="bpe"))
    assert "[REDACTED]" not in sent(compliant(tokens=512, usage={"tokens": 3}, loc=["body", "name"]))
    assert "[REDACTED]" not in sent(compliant(task="task_queue_processing", note="risk_score_calculated"))
    assert "[REDACTED]" not in sent("request r-1 took 3 s; tokens: none; secretary@ and a@b")
    assert "[REDACTED]" not in sent(
        "GET /api/v1/documents?page=2&zip_code=7 of http://core:8000/a; tokens: 512"
    )
    assert "[REDACTED]" not in sent("is_token=true password=null; the key is there, code=7")
    for case in CASES.values():
        running = pipeline()
        for event in running.events(path_of(case["app"]), written(case["lines"])):
            assert "[REDACTED]" not in json.dumps(event.record)


def test_a_secret_that_a_cut_would_split_is_gone_before() -> None:
    """What is left of a long text was looked through as a whole."""
    found = sent("x" * 149_990 + f" Authorization: Bearer {CANARY}")
    assert CANARY[:4] not in found


def test_what_follows_a_secret_stays() -> None:
    """Only the value goes, and the line is still read."""
    found = sent(
        compliant(note='{"password": "a\\"b", "user": "kim"} token=abc, then db=core&password=x&page=2')
    )
    for kept in ("kim", "then db=core", "page=2"):
        assert kept in found
    found = sent("redis://:secret@cache:6379/0 and postgresql://core:p@ss@db:5432/core")
    for kept in ("@cache:6379/0 and postgresql://core:", "@db:5432/core"):
        assert kept in found


@pytest.mark.parametrize("kind", LONG)
def test_a_long_line_costs_little(kind: str) -> None:
    """Time of the processor, which others do not take: as text, and within JSON with its feeds."""
    running = pipeline()
    running.events(path_of("core-api"), written([compliant()]))
    for line in (LONG[kind].replace("\n", " "), compliant(note=LONG[kind])):
        content = written([in_parts(line)])
        start = time.process_time()
        running.events(path_of("core-api"), content)
        assert time.process_time() - start < 1


def test_a_kind_that_nobody_looks_for_would_pass() -> None:
    """The test is not blind: a secret without a name or a look of its own is seen."""
    assert CANARY in sent(compliant(note=f"the word is {CANARY}"))
