"""The data that every stack shares: services, stores, tiers, versions; typed and frozen.

The files say where each figure comes from. A file that breaks its type is a mistake in the
checkout, told with file and place.
"""

from collections.abc import Mapping
from functools import cache, reduce
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from config.scalars import Tier
from config.sections import Images
from config.tables import Service, Slo, Stores, TierData, Versions

Kind = TypeVar("Kind")
_HERE = Path(__file__).parent


class DataError(Exception):
    """A data file of the checkout is wrong."""


@cache
def services() -> Mapping[str, Service]:
    """The workloads by name, which is also their label `app`."""
    return _load("services.yaml", TypeAdapter(dict[str, Service]))


@cache
def slos() -> tuple[Slo, ...]:
    """The objectives."""
    return _load("slos.yaml", TypeAdapter(tuple[Slo, ...]))


@cache
def buckets() -> Mapping[str, tuple[float, ...]]:
    """Bucket edges of the histograms that rules look into."""
    return _load("metrics.yaml", TypeAdapter(dict[str, tuple[float, ...]]))


@cache
def alert_files() -> Mapping[str, str]:
    """The text of every file under `alerts/`, by the name of its group."""
    return {path.stem: path.read_text() for path in sorted((_HERE / "alerts").glob("*.yaml"))}


@cache
def stores() -> Stores:
    """The stores."""
    return _load("stores.yaml", TypeAdapter(Stores))


@cache
def rds_roots() -> Mapping[str, str]:
    """The certificate authority of RDS by region, in PEM."""
    return _load("rds_roots.yaml", TypeAdapter(dict[str, str]))


@cache
def versions() -> Versions:
    """The table of versions."""
    return _load("versions.yaml", TypeAdapter(Versions))


@cache
def tier(name: Tier) -> TierData:
    """A tier with the ones before it folded in."""
    changes = _read("tiers.yaml")
    order = list(Tier)
    included = [changes[str(member)] for member in order[: order.index(name) + 1]]
    return _checked("tiers.yaml", TypeAdapter(TierData), reduce(_merged, included))


def image(name: str, images: Images) -> str:
    """The reference of a third-party image: registry prefix, repository, tag, digest."""
    found = versions().images[name]
    return _reference(found.repository, found.tag, name, images)


def service_image(name: str, images: Images) -> str:
    """The reference of one of the platform's own images."""
    repository = f"{versions().service_repository}/{services()[name].service}"
    return _reference(repository, images.app_version, name, images)


def _reference(repository: str, tag: str, name: str, images: Images) -> str:
    prefix = f"{images.registry_prefix}/" if images.registry_prefix else ""
    digest = f"@{images.digests[name]}" if name in images.digests else ""
    return f"{prefix}{repository}:{tag}{digest}"


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    return {**below, **above} | {
        key: {**below[key], **value}
        for key, value in above.items()
        if isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
    }


def _load(file: str, adapter: TypeAdapter[Kind]) -> Kind:
    return _checked(file, adapter, _read(file))


def _read(file: str) -> Any:
    try:
        return yaml.safe_load((_HERE / file).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise DataError(f"config/{file}:{line} {getattr(error, 'problem', None) or error}") from None


def _checked(file: str, adapter: TypeAdapter[Kind], found: Any) -> Kind:
    try:
        return adapter.validate_python(found, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DataError(f"config/{file}: {place}: {first['msg']}") from None
