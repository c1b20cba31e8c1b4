"""The generated page of the settings."""

from pathlib import Path

from config.errors import field_at, known_keys, section_of
from config.reference import page
from config.settings import Settings


def test_the_page_is_current() -> None:
    """`make docs` would change nothing."""
    assert Path("docs/settings.md").read_text() == page()


def test_every_field_is_explained() -> None:
    """No key without a sentence."""
    for key in known_keys(Settings):
        field = field_at(Settings, key)
        assert field is not None
        assert section_of(field) or field.description, key
