"""The shape of the code: directions, components, options, sizes; each rule proven to turn red."""

from collections.abc import Callable

import architecture
import pytest

Rule = Callable[[str, str], list[str]]

RULES: dict[str, tuple[Rule, tuple[str, ...]]] = {
    "imports": (
        architecture.wrong_imports,
        ("config", "model", "components", "stacks", "render", "review", "local", "__main__"),
    ),
    "components finish": (architecture.unfinished_components, ("components",)),
    "no merge": (architecture.merges, ("components", "stacks")),
    "apply": (architecture.applies, ("components", "stacks", "__main__")),
    "local knows nothing": (architecture.names_the_project, ("local",)),
    "sizes": (architecture.too_long, (*architecture.PACKAGES, "__main__")),
}

COMPONENT = """
class Thing(Component):
    def __init__(self, name, args, opts=None):
        super().__init__("axiom:monitoring:Thing", name, opts)
        {last}
"""

PLANTED: list[tuple[Rule, str, str]] = [
    (architecture.wrong_imports, "config/x.py", "import model.plan"),
    (architecture.wrong_imports, "config/x.py", "import pulumi"),
    (architecture.wrong_imports, "model/x.py", "from pulumi_aws import ec2"),
    (architecture.wrong_imports, "model/x.py", "from components.base import Component"),
    (architecture.wrong_imports, "components/x.py", "from stacks.platform import Platform"),
    (architecture.wrong_imports, "components/x.py", "from config.settings import Settings"),
    (architecture.wrong_imports, "components/x.py", "from config import settings"),
    (architecture.wrong_imports, "stacks/x.py", "from render.recorder import record"),
    (architecture.wrong_imports, "local/x.py", "from config.settings import Settings"),
    (architecture.wrong_imports, "review/x.py", "from stacks.guard import plain"),
    (architecture.wrong_imports, "review/x.py", "from render.recorder import record"),
    (architecture.wrong_imports, "model/x.py", "from review.preview import State"),
    (architecture.wrong_imports, "__main__.py", "from components.network import Network"),
    (architecture.unfinished_components, "components/x.py", COMPONENT.format(last="self.made = 1")),
    (
        architecture.unfinished_components,
        "components/x.py",
        COMPONENT.format(last="self.finish()").replace('"axiom:monitoring:Thing"', "TOKEN"),
    ),
    (architecture.merges, "components/x.py", "ResourceOptions(parent=self).merge(opts)"),
    (architecture.applies, "components/x.py", "url = host.apply(str)"),
    (architecture.applies, "components/nodes.py", "a.apply(str)\nb.apply(str)"),
    (architecture.names_the_project, "local/x.py", "PROJECT = 'Axiom'"),
    (architecture.too_long, "model/x.py", "x = 1\n" * 301),
    (architecture.too_long, "model/x.py", "def long():\n" + "    x = 1\n" * 60),
]


@pytest.mark.parametrize("name", RULES)
def test_the_code_keeps_the_rule(name: str) -> None:
    """No source breaks the rule, and the rule looks at some."""
    rule, packages = RULES[name]
    files = architecture.sources(*packages)
    assert files
    assert [found for path, text in files.items() for found in rule(path, text)] == []


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_violation_is_found(rule: Rule, path: str, text: str) -> None:
    """Each rule turns red on a source that breaks it."""
    assert rule(path, text)


def test_a_finished_component_passes() -> None:
    """The rule for components is not red for everything."""
    text = COMPONENT.format(last="self.finish()")
    assert architecture.unfinished_components("components/x.py", text) == []


def test_every_component_is_seen() -> None:
    """The rule finds the classes that it is about."""
    texts = architecture.sources("components")
    assert sum(text.count("(Component):") for text in texts.values()) > 10


def test_every_test_file_is_collected() -> None:
    """A file of tests under another name would never run."""
    helpers = {path for path in architecture.sources("tests") if "/test_" not in path}
    stray = [path for path in helpers if "\ndef test_" in architecture.sources("tests")[path]]
    assert stray == []
