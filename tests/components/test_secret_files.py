"""What a changed secret does to the pods that have it."""

from collections.abc import Mapping

import pulumi
from plain_workload import plain

from components.secret_files import SecretFiles, SecretFilesArgs
from config.secrets import SecretKey
from model.container import SecretMount
from model.generated import Generated, SecretValue
from model.spec import WorkloadSpec
from render.recorder import run

SALT = "a-salt"
SECRET = "PLANTED-VALUE"


def spec(*mounts: SecretMount, environment: Mapping[str, SecretValue] | None = None) -> WorkloadSpec:
    return plain(secrets=mounts, secret_environment=environment or {})


def mount(*, reloads: bool = False) -> SecretMount:
    files = {"key": SecretKey.DATADOG_API_KEY}
    return SecretMount(name="server-secrets", path="/etc/secrets", files=files, reloads=reloads)


def digest(work: WorkloadSpec, value: str = SECRET, salt: str = SALT) -> str | None:
    """The digest of its secrets."""
    found: list[pulumi.Output[str] | None] = []

    def program() -> None:
        texts = {SecretKey.DATADOG_API_KEY: value, Generated.DIGEST_SALT: salt}
        secrets = {key: pulumi.Output.secret(text) for key, text in texts.items()}
        args = SecretFilesArgs(spec=work, namespace="monitoring", secrets=secrets)
        found.append(SecretFiles("secrets", args).digest)
        pulumi.export("digest", found[0])

    outputs = run(program).of("pulumi:pulumi:Stack")[0].outputs or {}
    digest: str | None = outputs.get("digest")
    return digest


def test_a_changed_secret_changes_what_pods_bear() -> None:
    """As a file and as a variable."""
    for work in (spec(mount()), spec(environment={"KEY": SecretKey.DATADOG_API_KEY})):
        assert digest(work) == digest(work)
        assert digest(work) != digest(work, value="ANOTHER-VALUE")


def test_who_reads_its_files_anew_keeps_its_pods() -> None:
    """Nothing on the template tells of them."""
    assert digest(spec(mount(reloads=True))) is None


def test_the_digest_tells_nothing() -> None:
    """It is plain text, so that a preview shows that it changes; of another salt it is another."""
    found = digest(spec(mount()))
    assert isinstance(found, str)
    assert len(found) == 16
    assert found != digest(spec(mount()), salt="another")
