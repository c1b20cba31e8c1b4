"""As much of S3 as a client of one bucket asks for: objects in memory, over TLS on loopback."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from loopback import HOST, Handler, serving

from local import pki


@dataclass
class ObjectStore:
    """Where it is, whom to trust, and what it holds: `bucket/key` to content."""

    address: str
    authority: Path
    objects: dict[str, bytes] = field(default_factory=dict)


class _Handler(Handler):
    """GET, HEAD, PUT and DELETE of an object, and the second form of listing a bucket."""

    protocol_version = "HTTP/1.1"

    def __init__(self, objects: dict[str, bytes], *arguments: object) -> None:
        self._objects = objects
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._answer(200, self._listing(self._name(), query).encode())
        elif self._name() in self._objects:
            self._answer(200, self._objects[self._name()])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self._objects[self._name()] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"")

    def do_DELETE(self) -> None:
        self._objects.pop(self._name(), None)
        self._answer(204, b"")

    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).strip("/")

    def _listing(self, bucket: str, query: dict[str, list[str]]) -> str:
        prefix, delimiter = (query.get(name, [""])[0] for name in ("prefix", "delimiter"))
        names = (name.removeprefix(f"{bucket}/") for name in sorted(self._objects))
        below = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        folders = {name.split(delimiter)[0] for name in below if delimiter and delimiter in name}
        files = [name for name in below if not delimiter or delimiter not in name]
        contents = "".join(
            f"<Contents><Key>{escape(prefix + name)}</Key><Size>1</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>0</ETag></Contents>"
            for name in files
        )
        prefixes = "".join(
            f"<CommonPrefixes><Prefix>{escape(prefix + name + delimiter)}</Prefix></CommonPrefixes>"
            for name in sorted(folders)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}{prefixes}</ListBucketResult>"

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("ETag", '"0"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    """A store that is empty; its keys lie in `folder`."""
    pki.write(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    store = ObjectStore("", folder / "ca.crt")
    with serving(partial(_Handler, store.objects), tls=context) as port:
        store.address = f"{HOST}:{port}"
        yield store
