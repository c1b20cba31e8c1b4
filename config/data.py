"""The data that every stack shares: services, stores, tiers, versions; typed and frozen.

The files say where each figure comes from. A file that breaks its type is a mistake in the
checkout, told with file and place.
"""

from collections.abc import Mapping
from functools import cache, reduce
from typing import Any

from pydantic import TypeAdapter

from config.files import HERE, DataError, checked, checked_file, read
from config.scalars import Tier
from config.sections import Images
from config.tables import Service, Stores, TierData, Versions


@cache
def services() -> Mapping[str, Service]:
    """The workloads by name, which is also their label `app`."""
    return checked_file("services.yaml", TypeAdapter(dict[str, Service]))


@cache
def alert_files() -> Mapping[str, str]:
    """The text of every file under `alerts/`, by the name of its group."""
    return {path.stem: path.read_text() for path in sorted((HERE / "alerts").glob("*.yaml"))}


@cache
def stores() -> Stores:
    """The stores."""
    return checked_file("stores.yaml", TypeAdapter(Stores))


@cache
def rds_roots() -> Mapping[str, str]:
    """The certificate authority of RDS by region, in PEM."""
    return checked_file("rds_roots.yaml", TypeAdapter(dict[str, str]))


@cache
def versions() -> Versions:
    """The table of versions."""
    return checked_file("versions.yaml", TypeAdapter(Versions))


@cache
def tier(name: Tier) -> TierData:
    """A tier with the ones before it folded in."""
    changes = read("tiers.yaml")
    order = list(Tier)
    included = [changes[str(member)] for member in order[: order.index(name) + 1]]
    return checked("tiers.yaml", TypeAdapter(TierData), reduce(_merged, included))


def image(name: str, images: Images) -> str:
    """The reference of a third-party image: registry prefix, repository, tag, digest.

    Raises:
        DataError: the table of versions has no such image.
    """
    found = versions().images.get(name)
    if found is None:
        raise DataError(f"config/versions.yaml: no image {name!r}; there are {', '.join(versions().images)}")
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
