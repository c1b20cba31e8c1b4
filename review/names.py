"""Names and types out of a preview, without secrets: a type is what everything is judged by, and stays."""

import re
from functools import lru_cache

from review.secrets import clean_text

# The look for secrets would take one type for an assignment: `secretsmanager/secret:Secret`.
_TYPE = re.compile(r"[a-z][\w-]{0,40}:[\w./-]{0,100}:[A-Za-z]\w{0,100}")


def clean_urn(urn: str) -> str:
    """A URN of clean parts: a look at the whole might take its separators too."""
    parts = urn.split("::")
    return "::".join(
        clean_types(part) if place == 2 else clean_text(part) for place, part in enumerate(parts)
    )


def clean_types(text: str) -> str:
    """Types as they are, whatever they are called: what is judged is known by them."""
    return "$".join(kind if _is_type(kind) else clean_text(kind) for kind in text.split("$"))


@lru_cache(maxsize=1024)
def _is_type(text: str) -> bool:
    """Whether it has the form of a type, and none of its words is a secret by its look."""
    words = re.split("[:/]", text)
    return bool(_TYPE.fullmatch(text)) and all(clean_text(word) == word for word in words)
