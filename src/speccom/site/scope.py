"""Holds the site to asking as somebody: `python -m speccom.site.scope`.

Rows of a scoped model (`core.scoped.Scoped`) come out through `Model.objects.visible_to(actor)` alone.
`actions`, which write, `models` and `migrations` may reach past it; every other module is read here, and
each way past that can be read in its text is a fault. Every model is scoped, or says why it is not.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SITE = Path(__file__).parent
EXEMPT = {"actions", "migrations", "models"}
"""Folders and files (without `.py`) that may reach past."""

MANAGERS = {"objects", "_base_manager", "_default_manager"}
ANYWAY = {"_base_manager", "_default_manager"}
READERS = {"get_object_or_404", "get_list_or_404", "getattr", "aget_object_or_404", "aget_list_or_404"}
"""Functions that ask a model's manager for its rows by themselves, or for the manager."""

_WAY = "ask with .objects.visible_to(actor), or put it among the actions"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to change, at a line of a file."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def lint_all(root: Path = SITE) -> list[Fault]:
    """The faults of every module under a directory."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.py"))}
    models = {path: list(_models(tree)) for path, tree in trees.items() if _is(path, root, {"models"})}
    scoped = {model.name for held in models.values() for model in held if _is_scoped(model)}
    faults = [
        Fault(path, model.lineno, f"{model.name} is neither Scoped nor says why in `unscoped`.")
        for path, held in models.items()
        for model in held
        if not _is_scoped(model) and not _says_why(model)
    ]
    for path, tree in trees.items():
        if not _is(path, root, EXEMPT):
            faults += [Fault(path, line, message) for line, message in _reaches_past(tree, scoped)]
    return sorted(faults)


def _is(path: Path, root: Path, names: set[str]) -> bool:
    """Whether a module lies in a folder, or is a file, of one of these names."""
    return bool(names & set(path.relative_to(root).with_suffix("").parts))


def _models(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for each in tree.body:
        if isinstance(each, ast.ClassDef) and {"Model", "Scoped", "AbstractBaseUser"} & set(_bases(each)):
            yield each


def _bases(model: ast.ClassDef) -> list[str]:
    return [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in model.bases]


def _is_scoped(model: ast.ClassDef) -> bool:
    return "Scoped" in _bases(model)


def _says_why(model: ast.ClassDef) -> bool:
    return any(
        isinstance(each, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "unscoped" for target in each.targets)
        and isinstance(each.value, ast.Constant)
        and bool(str(each.value.value).strip())
        for each in model.body
    )


def _reaches_past(tree: ast.Module, scoped: set[str]) -> Iterator[tuple[int, str]]:
    names = _named_here(tree, scoped)
    asked_rightly = {
        id(each.value)
        for each in ast.walk(tree)
        if isinstance(each, ast.Attribute) and each.attr == "visible_to"
    }
    for each in ast.walk(tree):
        if isinstance(each, ast.Attribute):
            model = _model(each.value, names)
            if each.attr in ANYWAY:
                yield each.lineno, f"{each.attr} gives every row: {_WAY}."
            elif model and each.attr in MANAGERS and id(each) not in asked_rightly:
                yield each.lineno, f"{model}.{each.attr} reaches past who asks: {_WAY}."
            elif each.attr == "raw" or each.attr.endswith("_set"):
                yield each.lineno, f".{each.attr} asks past who asks: {_WAY}."
        elif isinstance(each, ast.Call):
            called = each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")
            if called in READERS:
                for argument in each.args[:1]:
                    if model := _model(argument, names):
                        yield each.lineno, f"{called}({model}) reaches past who asks: {_WAY}."
        elif isinstance(each, ast.Assign | ast.AnnAssign | ast.NamedExpr) and each.value is not None:
            if model := _model(each.value, names):
                yield each.lineno, f"{model} is given another name, under which nothing sees what is asked."
        elif (
            isinstance(each, ast.ImportFrom)
            and each.module == "django.apps"
            and any(alias.name == "apps" for alias in each.names)
        ):
            yield each.lineno, "django.apps.apps gives models by name, where nothing sees what is asked."


def _named_here(tree: ast.Module, scoped: set[str]) -> dict[str, str]:
    """What a module calls each scoped model: name here → name of the model."""
    return {name: name for name in scoped} | {
        alias.asname: alias.name
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
        if alias.asname and alias.name in scoped
    }


def _model(node: ast.expr, names: dict[str, str]) -> str | None:
    """The scoped model that an expression names, `Entry` or `models.Entry`, if it does."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr in names.values() else None
    return None


def main() -> None:
    faults = lint_all()
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
