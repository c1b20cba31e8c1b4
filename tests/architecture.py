"""The rules of the code's shape, each as a function from sources to what breaks it."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "model", "components", "stacks", "render", "review", "local", "tests")
# What each package may import of the project's own; nobody imports `render`, `review`, `local` or `__main__`.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "config": frozenset({"config"}),
    "model": frozenset({"config", "model"}),
    "components": frozenset({"config", "model", "components"}),
    "stacks": frozenset({"config", "model", "components", "stacks"}),
    "__main__": frozenset({"model", "stacks"}),
    "render": frozenset({"config", "model", "components", "stacks", "render"}),
    "review": frozenset({"config", "model", "review"}),
    "local": frozenset({"local"}),
}
PURE = ("config", "model")
# The one place that builds text of late values, a number that EKS wants as text, and the guard's
# last word, which waits for every resource.
APPLIES = {"components/config_files.py": 2, "components/nodes.py": 1, "stacks/guard.py": 1}
FILE_LINES = 300
FUNCTION_LINES = 60


def sources(*packages: str) -> dict[str, str]:
    """Text of every Python file of the packages by its path."""
    paths = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    main = [ROOT / "__main__.py"] if "__main__" in packages else []
    return {str(path.relative_to(ROOT)): path.read_text() for path in [*paths, *main]}


def wrong_imports(path: str, text: str) -> list[str]:
    """Imports against the direction, and of Pulumi where nothing but Python belongs."""
    package = Path(path).parts[0].removesuffix(".py")
    own = set(MAY_IMPORT) | {"tests"}
    found = []
    for module in _imported(ast.parse(text)):
        top = module.split(".", 1)[0]
        against = top in own and top not in MAY_IMPORT[package]
        impure = package in PURE and top.startswith(("pulumi", "components"))
        settings = package == "components" and module.startswith("config.settings")
        if against or impure or settings:
            found.append(f"{path} imports {module}")
    return found


def unfinished_components(path: str, text: str) -> list[str]:
    """Components whose constructor does not end in `finish`, or whose type token is no literal."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ClassDef) or "Component" not in {
            ast.unparse(base) for base in node.bases
        }:
            continue
        body = next(
            (
                item.body
                for item in node.body
                if isinstance(item, ast.FunctionDef) and item.name == "__init__"
            ),
            [],
        )
        last = ast.unparse(body[-1]) if body else ""
        if not last.startswith("self.finish("):
            found.append(f"{path} {node.name}: finish is not the last statement")
        if not any(ast.unparse(item).startswith("super().__init__('axiom:monitoring:") for item in body):
            found.append(f"{path} {node.name}: no literal type token")
    return found


def merges(path: str, text: str) -> list[str]:
    """Options merged with a caller's: the caller's parent would win."""
    return [f"{path}:{line}" for line in _calls(text, "merge")]


def applies(path: str, text: str) -> list[str]:
    """More uses of `apply` than the file is allowed."""
    lines = list(_calls(text, "apply"))
    return [f"{path}: {len(lines)} uses of apply"] if len(lines) > APPLIES.get(path, 0) else []


def names_the_project(path: str, text: str) -> list[str]:
    """Lines of the embedded target that know what it is used for."""
    return [f"{path}:{number}" for number, line in enumerate(text.splitlines(), 1) if "axiom" in line.lower()]


def too_long(path: str, text: str) -> list[str]:
    """Files and functions over their ceilings."""
    lines = len(text.splitlines())
    found = [f"{path}: {lines} lines"] if lines > FILE_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{path} {node.name}: {length} lines")
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(text: str, method: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node.lineno
