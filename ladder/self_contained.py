"""A rung as a program of one file: what it takes from variants/match.py is written into it.

That is what an agent could have handed in, so it stands for one where the tools are tried: it plays in a clean room,
and is judged like anybody's program.
"""

import ast
import re
from collections.abc import Iterable
from typing import NamedTuple

from ladder.availability import ROOT
from ladder.errors import LadderError
from variants import Rung

SHARED = ROOT / "variants" / "match.py"
LIBRARIES = ("numpy", "scipy", "numba")
IMPORT = re.compile(r"^from variants import match\n", re.MULTILINE)


class Definition(NamedTuple):
    """A statement at the top level of a module: its text with the comments above it, and the names that it binds."""

    text: str
    names: frozenset[str]
    uses: frozenset[str]
    is_import: bool
    is_block: bool


def self_contained(rung: Rung) -> str:
    """The source of a rung without imports of ours. Raises LadderError where more than match.py would be needed."""
    source = (ROOT / rung.source).read_text(encoding="utf-8")
    if "variants" not in find_imports(ast.parse(source)):
        return source
    code = IMPORT.sub("", source)
    if "variants" in find_imports(ast.parse(code)):
        raise LadderError(f"{rung.source}: takes more from variants than match, which alone can be written into it")
    uses = uses_of_match(code)
    wanted = closure(read_definitions(SHARED.read_text(encoding="utf-8")), uses)
    definitions = read_definitions(code)
    check_names(rung, definitions, wanted)
    imports = [d.text for d in wanted if d.is_import]
    imports += [d.text for d in definitions if d.is_import and d.text not in imports]
    libraries = [text for text in imports if package(text) in LIBRARIES]
    parts = [docstring(code), sort(set(imports) - set(libraries)), sort(libraries)]
    parts += layout([d for d in (*wanted, *definitions) if not d.is_import])
    text = "\n\n".join(part for part in parts if part) + "\n"
    return re.sub(rf"\bmatch\.({'|'.join(sorted(uses))})\b", r"\1", text)


def find_imports(tree: ast.AST) -> set[str]:
    """The top-level packages that are imported anywhere in a program."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def docstring(source: str) -> str:
    """The text of the module's docstring, quotes included."""
    first = ast.parse(source).body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return "\n".join(source.splitlines()[: first.end_lineno])
    return ""


def read_definitions(source: str) -> list[Definition]:
    """The statements of a module in their order, without its docstring."""
    lines = source.splitlines()
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        decorators = getattr(node, "decorator_list", [])
        begin = min([node.lineno, *(item.lineno for item in decorators)]) - 1
        while begin > 0 and lines[begin - 1].startswith("#"):
            begin -= 1
        found.append(
            Definition(
                "\n".join(lines[begin : node.end_lineno]),
                frozenset(bound_names(node)),
                frozenset(item.id for item in ast.walk(node) if isinstance(item, ast.Name)),
                isinstance(node, (ast.Import, ast.ImportFrom)),
                isinstance(node, (ast.FunctionDef, ast.ClassDef)),
            )
        )
    return found


def bound_names(node: ast.stmt) -> Iterable[str]:
    """The names that a statement at the top level gives to the module."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    return [item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)]


def uses_of_match(source: str) -> set[str]:
    """The attributes of `match` that are used; names in comments and docstrings don't count."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "match"
    }


def closure(definitions: list[Definition], names: set[str]) -> list[Definition]:
    """Those definitions that some names need, directly or through one another."""
    wanted: set[int] = set()
    open_names = set(names)
    while open_names:
        needed = {i for i, d in enumerate(definitions) if d.names & open_names and i not in wanted}
        wanted |= needed
        open_names = {name for i in needed for name in definitions[i].uses}
    return [definitions[i] for i in sorted(wanted)]


def check_names(rung: Rung, own: list[Definition], taken: list[Definition]) -> None:
    """A name of the rung must not hide one of match.py, neither in the module nor where match.py is used."""
    for definition in own:
        inside = ast.walk(ast.parse(definition.text))
        bound = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound = (bound & uses_of_match(definition.text)) | (set() if definition.is_import else definition.names)
        for other in taken:
            hidden = bound & other.names
            if hidden:
                raise LadderError(f"{rung.source}: {', '.join(sorted(hidden))}: a name of match.py's, too")


def package(text: str) -> str:
    """What an import takes from: `import numpy as np` from numpy."""
    return text.split()[1].partition(".")[0]


def sort(imports: Iterable[str]) -> str:
    """One import a line, `import` before `from`."""
    return "\n".join(sorted(imports, key=lambda text: (text.startswith("from"), text)))


def layout(definitions: list[Definition]) -> list[str]:
    """Functions and classes a blank line more apart; other statements that follow one another stay together."""
    parts: list[str] = []
    after_block = False
    for definition in definitions:
        if definition.is_block or after_block:
            parts.append("\n" + definition.text)
        elif parts and not definition.text.startswith("#"):
            parts[-1] += "\n" + definition.text
        else:
            parts.append(definition.text)
        after_block = definition.is_block
    return parts
