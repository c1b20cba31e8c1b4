"""Which kind of file a text is, by what stands in it; one that is of none is told by its values."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from review.meaning import dashboards, fluent_bit, loki, routes, rules, scrape, text
from review.meaning.reading import Reader
from review.meaning.tree import differences, line

Changes = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[str]]
# Keys that a file of a kind has at its top, and who knows the kind.
_KINDS: tuple[tuple[frozenset[str], Changes], ...] = (
    (frozenset({"groups"}), rules.changes),
    (frozenset({"route", "receivers"}), routes.changes),
    (frozenset({"scrape_configs"}), scrape.changes),
    (frozenset({"pipeline"}), fluent_bit.changes),
    (frozenset({"schema_config"}), loki.changes),
    (frozenset({"panels"}), dashboards.changes),
)


def changes(old: str, new: str, reader: Reader) -> Iterator[str]:
    """What a changed file means."""
    one, other = reader.read(old), reader.read(new)
    if one is None or other is None:
        yield from text.changes(old, new, reader)
        return
    if one == other:
        yield "written differently, with the same content"
        return
    for keys, told in _KINDS:
        if keys <= one.keys() and keys <= other.keys():
            yield from told(one, other)
            return
    for found in differences(one, other):
        yield line(found)
