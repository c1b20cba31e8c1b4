"""A store of what stand-in clouds have made: one JSON file a resource, kept in memory as well.

Files are written whole or not at all, so a process that dies leaves the last good state.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any


def digest(value: Any) -> str:
    """What stands in a record for a value that must not."""
    return f"sha256:{hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()}"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One resource: who it is, what was asked for, what it became."""

    urn: str
    kind: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    seed: str = ""
    """What generated parts of the id and the outputs are made of."""
    unique: str = ""
    """What no other living resource of the type may have, or nothing."""

    @property
    def stack(self) -> str:
        """The stack that it was made for."""
        return self.urn.split(":")[2]

    @property
    def tags(self) -> Mapping[str, str]:
        """Its AWS tags, the provider's default ones included."""
        return dict(self.outputs.get("tagsAll") or {})


class Recorder:
    """The records under one folder. Safe to use from several threads of one process."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._records = {record.urn + record.id: record for record in self._stored()}
        self._reserved: set[tuple[str, str]] = set()

    @property
    def busy_file(self) -> Path:
        """Locked, shared, while something is being made: no record tells of that yet."""
        return self._root / "busy.lock"

    def put(self, record: Record) -> None:
        """Keep a record, in place of one with the same URN and id."""
        with self._lock:
            self._root.mkdir(parents=True, exist_ok=True)
            path = self._path(record)
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(asdict(record), sort_keys=True, ensure_ascii=False))
            partial.replace(path)
            self._records[record.urn + record.id] = record

    def get(self, kind: str, id: str, urn: str = "") -> Record | None:
        """The record of a type with an id: the one of `urn` where several have it (two regions may)."""
        found = [record for record in self.all() if record.kind == kind and record.id == id]
        return next((record for record in found if record.urn == urn), found[0] if found else None)

    def find(self, urn: str) -> Record | None:
        """The record that was made for a URN."""
        return next((record for record in self.all() if record.urn == urn), None)

    def unused_seed(self, kind: str, urn: str, made_id: Callable[[str], str]) -> str:
        """A seed whose id no living resource has: a replacement lives beside what it replaces."""
        if made_id(urn) == made_id(f"{urn}#1"):
            return urn
        seeds = (f"{urn}#{number}" if number else urn for number in count())
        return next(seed for seed in seeds if self.get(kind, made_id(seed)) is None)

    @contextmanager
    def reserving(self, kind: str, unique: str) -> Iterator[bool]:
        """Keep `unique` for one resource while it is being made; False if another has it already."""
        claim = (kind, unique)
        with self._lock:
            taken = any((record.kind, record.unique) == claim for record in self._records.values())
            free = not unique or not (taken or claim in self._reserved)
            if free:
                self._reserved.add(claim)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._reserved.discard(claim)

    def delete(self, record: Record) -> None:
        """Forget a record."""
        with self._lock:
            self._path(record).unlink(missing_ok=True)
            self._records.pop(record.urn + record.id, None)

    def of_stack(self, stack: str) -> list[Record]:
        """What was made for a stack, in the order of URNs."""
        return sorted((record for record in self.all() if record.stack == stack), key=lambda found: found.urn)

    def all(self) -> list[Record]:
        """Every record."""
        with self._lock:
            return list(self._records.values())

    def _stored(self) -> Iterator[Record]:
        for path in sorted(self._root.glob("*.json")):
            # Another process may delete a record between the listing and the reading.
            with suppress(FileNotFoundError):
                yield Record(**json.loads(path.read_text()))

    def _path(self, record: Record) -> Path:
        name = hashlib.sha256(f"{record.urn}\0{record.id}".encode()).hexdigest()[:24]
        return self._root / f"{name}.json"
