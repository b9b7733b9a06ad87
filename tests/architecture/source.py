"""The project's own files, for the tests that look at source text."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("clients", "billing", "provisioning", "support")
PRODUCT = (*APPS, "hostbill")


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Python files below the folders, without migrations."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(path for path in found if "migrations" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


@cache
def templates() -> tuple[Path, ...]:
    """Every HTML template for the browser; mails need inline styles and are not among them."""
    found = (ROOT / "templates").rglob("*.html")
    return tuple(sorted(path for path in found if not {"email", "mail", "message"} & set(path.parts)))


def place(path: Path, line: int) -> str:
    """`file:line`, relative to the project."""
    return f"{path.relative_to(ROOT)}:{line}"
