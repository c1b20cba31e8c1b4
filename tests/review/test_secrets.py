"""Secrets stay out, by what holds them and by how they look; what is no secret stays readable."""

import json
from typing import Any

import pytest

from config.secrets import SecretKey
from model.transitions.finding import HIDDEN
from review.secrets import clean, clean_text, is_secret_key

LOOKS = {
    "a Slack webhook": "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "a Slack token": "xoxb-123456789012-abcdefghijkl",
    "an AWS key": "AKIAIOSFODNN7EXAMPLE",
    "a session key": "ASIAIOSFODNN7EXAMPLE",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "a GitHub token": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "a fine-grained token": "github_pat_11ABCDEFG0abcdefghijkl_mnopqrst",
    "a Grafana token": "glsa_abcdefghijklmnopqrstuvwxyz012345_abcdef12",
    "a Pulumi token": "pul-0123456789abcdef0123456789abcdef01234567",
    "an LLM's key": "sk-proj-abcdefghijklmnopqrst",
    "a LangSmith key": "lsv2_pt_abcdefghijklmnopqrstuvwxyz",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----",
    "a private key cut in half": "-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKC",
    "a password in an address": "hunter2hunter",
    "a Sentry DSN": "0123456789abcdef0123456789abcdef",
    "a bearer": "abcdefghijklmnop1234",
    "a ciphertext of the engine": "v1:VDlIhOhKUy1nXGTr:0x1UUQIDkvuDaaJn+U1nKx8IDWOVRd+u",
}
AROUND = {
    "a password in an address": "postgres://axiom:{}@db.example.com/axiom",
    "a Sentry DSN": "https://{}@o1.ingest.sentry.io/1",
    "a bearer": "Authorization: Bearer {}",
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_looks_like_a_secret_goes(look: str) -> None:
    """Alone, in the middle of a text, and in a value of JSON."""
    secret = LOOKS[look]
    told = AROUND.get(look, "before {} after").format(secret)
    for text in (told, json.dumps({"a": told}), f"x = {told}\n"):
        found = clean_text(text)
        for part in secret.split("\n"):
            assert part not in found or part.startswith("-----")
        assert HIDDEN in found


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter2hunter",
        "PGPASSWORD=hunter2hunter",
        '{"apiKey": "hunter2hunter"}',
        "auth_token = 'hunter2hunter'",
        "redis://:hunter2hunter@host:6379",
        "client_secret: hunter2hunter",
        "dsn=hunter2hunter;x=1",
    ],
)
def test_what_a_text_calls_a_secret_goes(text: str) -> None:
    """In YAML, JSON, INI and connection strings."""
    assert "hunter2hunter" not in clean_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "bearer_token_file: /var/run/secrets/token",
        "password: $__file{/etc/grafana/secrets/password}",
        "credentials_file: /etc/x",
        "tokenBudget: 1000000",
        "secretName: core-api-secret",
        "JWT_ACCESS_TOKEN_MINUTES: 15",
        "https://axiom.example.com/runbooks/HighLatency",
        "arn:aws:kms:ap-northeast-2:123456789012:key/1",
        "sum by (le) (rate(http_request_duration_seconds_bucket[5m])) > 0.5",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Where a secret lies is none, and a comment without words helps nobody."""
    assert clean_text(text) == text


def test_an_update_that_departs_from_its_plan_repeats_no_values() -> None:
    """The engine prints the planned secret in clear there."""
    message = (
        "error: resource urn:a::b violates plan: properties changed: ~~password[{old-pass}!={new}]\nmore"
    )
    found = clean_text(message)
    assert "violates plan" in found
    assert "old-pass" not in found
    assert "more" not in found


@pytest.mark.parametrize(
    "key", [*SecretKey, "password", "authToken", "secretString", "API_KEY", "clientSecret"]
)
def test_secrets_are_known_by_their_keys(key: str) -> None:
    """Whatever they look like, and however deep."""
    assert is_secret_key(key)
    assert "plain" not in json.dumps(clean({"a": [{key: "plain"}]}))


def test_envelopes_and_objects_of_secrets_are_hidden_whole() -> None:
    """A marked value, and everything in a Secret of Kubernetes; keys may be seen."""
    marked = {"4dabf18193072939515e22adb298388d": "x", "plaintext": '"plain"', "ciphertext": "plain"}
    secret: dict[str, Any] = {"kind": "Secret", "data": {"a": "plain"}, "stringData": {"b": "plain"}}
    found = clean({"one": marked, "two": secret, "three": {**secret, "data": "plain"}})
    assert "plain" not in json.dumps(found)
    assert found["two"]["stringData"] == {"b": HIDDEN}


def test_keys_are_cleaned_too() -> None:
    """A secret may be one."""
    assert "AKIA" not in json.dumps(clean({"AKIAIOSFODNN7EXAMPLE": 1}))


X = "hunter2,hunter2"
LEAKS = {
    "JSON within JSON": json.dumps({"a": json.dumps({"MasterUserPassword": X, "b": 1})}),
    "JSON within JSON within JSON": json.dumps(json.dumps(json.dumps({"password": f'a"{X}"b'}))),
    "a block of YAML": f"password: |\n  {X}\n  {X}\nb: 1",
    "a folded block in a list": f"- password: >-\n    {X}\n- b: 1",
    "a value on the next line": f"password:\n  {X}\n",
    "a value over two lines": f"password: a\n  {X}\n",
    "a dollar": f"password: ${X}",
    "a brace": f"password: {{{X}",
    "a bracket": f"password: [{X}",
    "a bar": f"password: |{X}",
    "an angle": f"password: >{X}",
    "a slash": f"password: /{X}",
    "a tail after a comma": f"password=abc,{X}",
    "a tail after an escaped quote": f'password: "abc\\"{X}"',
    "a tail after a doubled quote": f"password: 'abc''{X}'",
    "a tail after its quotes": f'password: "abc"{X}',
    "a quote that nothing closes": f'password: "abc\n{X}',
    "a scheme of its own": f"Authorization: token {X}",
    "an address with two ats": f"postgres://u:pa@{X}@host/db",
    "an address with a slash": f"postgres://u:pa/{X}@host/db",
    "a signed address": f"https://s3/x?X-Amz-Date=1&X-Amz-Signature={X}",
    "a heartbeat": "https://hc-ping.com/hunter2-1/start",
    "an integration": "https://events.pagerduty.com/integration/hunter2/enqueue",
    "a number": "password: 33334444",
    "a number of JSON": '{"password": 33334444, "b": 1}',
    "a mapping": f"credentials:\n  user:\n  - {X}\n  other: {X}\nb: 1",
    "a list at the same margin": f"passwords:\n- {X}\n- {X}\nb: 1",
    "a mapping of JSON": json.dumps({"secrets": {"a": {"b": X}}}, indent=2),
    "a flow mapping": f"secrets: {{a: {X}}}",
    "a flag": f"tool --db-password {X} --other",
    "a flag of JSON": json.dumps(["tool", "--password", X]),
    "a flag of YAML": f"- --password\n- {X}\n- b: 1",
    "a directive": f"requirepass {X}",
    "a variable": f"env:\n- name: DB_PASSWORD\n  value: {X}\nb: 1",
    "a variable of JSON": json.dumps([{"name": "DB_PASSWORD", "value": X}]),
    "a variable of the engine": f'    name : "DB_PASSWORD"\n    value: "{X}"\n',
    "a line of a diff": f"+  password: |\n+    {X}\n+  b: 1",
    "an own key": f"heartbeatUrl = {X}",
}


@pytest.mark.parametrize("form", LEAKS)
def test_no_form_of_an_assignment_leaks(form: str) -> None:
    """Whatever the value begins with, holds, or goes on with; and what follows it stays."""
    found = clean_text(LEAKS[form])
    assert "hunter2" not in found
    assert "33334444" not in found
    assert HIDDEN in found
    assert "b: 1" not in LEAKS[form] or "b: 1" in found
    assert clean_text(found) == found


VALUES: dict[str, Any] = {
    "a variable": {"env": [{"name": "DB_PASSWORD", "value": X}]},
    "a parameter": {"parameters": [{"key": "auth_token", "value": X}]},
    "an argument": {"args": ["--verbose", "--password", X]},
    "an argument with its value": {"args": [f"--password={X}"]},
    "a number": {"password": 33334444},
    "a list": {"passwords": [X, [X]]},
    "a mapping": {"credentials": {"name": X, "path": {"id": X}}},
}


@pytest.mark.parametrize("form", VALUES)
def test_no_form_of_a_value_leaks(form: str) -> None:
    """Under the key of a secret anything is one, and an item is judged by its name."""
    found = json.dumps(clean(VALUES[form]))
    assert "hunter2" not in found
    assert "33334444" not in found


@pytest.mark.parametrize(
    "value",
    [
        {"volumes": [{"name": "a", "secret": {"secretName": "core-api-secret", "optional": False}}]},
        {"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "a", "key": "password"}}}]},
        {"imagePullSecrets": [{"name": "registry"}]},
        {"args": ["--token-file", "/run/token", "--verbose"]},
        {"env": [{"name": "LOG_LEVEL", "value": "info"}]},
        {"password": None, "secret": True, "token": ""},
    ],
)
def test_where_a_secret_lies_is_told(value: Any) -> None:
    """The pods of Kubernetes name secrets all over."""
    assert clean(value) == value


@pytest.mark.parametrize(
    "text",
    [
        "authorization:\n  type: Bearer\n  credentials_file: /run/token\nb: 1",
        "password: ${DB_PASSWORD}\nb: 1",
        "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:axiom-prod/postgres",
        "urn:pulumi:prod::a::b:c:D$aws:secretsmanager/secret:Secret::postgres-master",
        "kubernetes:core/v1:Secret::core-api failed: no such namespace",
        "volumes:\n- secret:\n    secretName: a\n",
    ],
)
def test_what_only_reads_like_an_assignment_stays(text: str) -> None:
    """References, addresses and types."""
    assert clean_text(text) == text
