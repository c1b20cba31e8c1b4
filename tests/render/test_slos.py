"""The page of objectives."""

from pathlib import Path

from render import slos

PAGE = Path("docs/slos.md").read_text()


def test_the_page_is_current() -> None:
    """`make docs` would change nothing."""
    assert slos.page() == PAGE, "run `make docs`"


def test_what_is_to_come_says_who_must_add_what() -> None:
    """A row without a metric yet is no silent gap."""
    assert "| `core-worker-availability` | 99.5% | `core_worker_runs_total` | core |" in PAGE


def test_an_agreement_without_margin_is_said() -> None:
    """Vision promises 99.5% and its what-if 99.0%; Core's are equal."""
    assert "| `vision-sla` | 99.5% | `vision-what-if-availability` | 99.0% |" in PAGE
    assert "| `core-api-sla` | 99.9% | `core-api-availability` | 99.9% |" in PAGE
    assert "| `synapse-sla` | 99.0% | `synapse-ontology-search-availability`" not in PAGE
