"""Nodes of which only the kubelets' metrics are there, over TLS on addresses of loopback."""

import datetime
import ipaddress
import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from checkout import Checkout
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from loopback import Handler, serving

from model.kubelets import PORT

_LIFETIME = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Nodes:
    """Their addresses, `node-0` first; the authority of their certificates; whom they let in."""

    addresses: Sequence[str]
    authority: Path
    token: Path

    def join(self, checkout: Checkout, folder: Path) -> None:
        """Have the API server know them, as their kubelets would report them."""
        file = folder / "nodes.json"
        items = [_document(name, address) for name, address in enumerate(self.addresses)]
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        checkout.kubectl("create", f"--filename={file}")
        checkout.kubectl("replace", "--subresource=status", f"--filename={file}")


@contextmanager
def kubelets(addresses: Sequence[str], folder: Path) -> Iterator[Nodes]:
    """Each answers who bears the content of `token`; ended afterwards."""
    nodes = Nodes(addresses, folder / "ca.crt", folder / "token")
    _write_certificates(addresses, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "kubelet.crt", folder / "kubelet.key")
    with ExitStack() as servers:
        for address in addresses:
            servers.enter_context(serving(partial(_Handler, nodes.token), address, PORT, tls=context))
        yield nodes


class _Handler(Handler):
    """A volume, and a container with the sums that cAdvisor makes above it."""

    _VOLUME = 'kubelet_volume_stats_used_bytes{namespace="axiom",persistentvolumeclaim="data"} 1\n'
    _CONTAINERS = (
        'container_cpu_usage_seconds_total{container="api",namespace="axiom",pod="core-api-0"} 1 %d\n'
        'container_cpu_usage_seconds_total{container="",namespace="axiom",pod="core-api-0"} 2 %d\n'
        'container_network_receive_bytes_total{container="",namespace="axiom",pod="core-api-0"} 3 %d\n'
    )

    def __init__(self, token: Path, *arguments: object) -> None:
        self._token = token
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == f"Bearer {self._token.read_text()}"
        now = int(datetime.datetime.now(datetime.UTC).timestamp() * 1000)
        texts = {"/metrics": self._VOLUME, "/metrics/cadvisor": self._CONTAINERS % (now, now, now)}
        text = texts.get(self.path)
        self.answer(401 if not known else 200 if text else 404, (text or "").encode())


def _document(number: int, address: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number}"},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": PORT}},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def _write_certificates(addresses: Sequence[str], folder: Path) -> None:
    """`ca.crt`, and `kubelet` with all the addresses, signed by it."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nodes")])
    hosts = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(one)) for one in addresses])
    root = _unsigned(name, authority.public_key()).add_extension(
        x509.BasicConstraints(True, 0), critical=True
    )
    leaf = _unsigned(x509.Name([]), key.public_key()).add_extension(hosts, critical=True)
    for stem, builder in {"ca": root, "kubelet": leaf}.items():
        signed = builder.issuer_name(name).sign(authority, hashes.SHA256())
        (folder / f"{stem}.crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "kubelet.key").write_bytes(private)


def _unsigned(subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFETIME)
        .not_valid_after(now + _LIFETIME)
    )
