"""Neo4j: what its process takes fits its pod."""

from collections.abc import Iterator

from model.capacity.check import Check
from model.capacity.scene import Scene
from model.neo4j import NAME
from model.sizes import gibibytes


def checks(scene: Scene) -> Iterator[Check]:
    """The check."""
    given, server = scene.given.neo4j, scene.one(NAME)
    heap = gibibytes(server.environment["NEO4J_server_memory_heap_max__size"])
    cache = gibibytes(server.environment["NEO4J_server_memory_pagecache_size"])
    yield Check(
        name="neo4j-memory",
        formula="heap + page cache + fixed + heap x share <= memory of the pod",
        inputs={
            "heap": heap,
            "page cache": cache,
            "fixed": given.fixed_gibibytes,
            "share": given.heap_share,
        },
        need=heap + cache + given.fixed_gibibytes + heap * given.heap_share,
        limit=gibibytes(server.resources.memory),
        unit="GiB",
        remedy="config/stores.yaml: more memory, or a smaller heap or page cache",
    )
