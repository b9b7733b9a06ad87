"""Rules of the house that no off-the-shelf tool knows."""

import ast
import re

from tests.architecture.source import APPS, PRODUCT, ROOT, place, python_files, templates, tree

SKELETON = {
    "__init__.py", "apps.py", "adapters.py", "models", "actions", "queries", "forms", "views", "api", "urls", "events.py",
    "handlers.py", "handlers", "senders.py", "senders", "jobs.py", "rules.py", "options.py", "options", "notices.py", "notices",
    "permissions.py", "kinds.py", "migrations", "management", "labels.py", "merging.py", "webhooks.py",
}  # fmt: skip
DRIVER_FOLDERS = {
    "billing": {"gateways", "einvoice", "vat_checkers", "rate_sources"},
    "provisioning": {"panels", "registrars"},
    "support": {"mailboxes"},
    "clients": set(),
}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "services.py", "managers.py", "common.py", "misc.py"}
CLOCK_CALLS = {
    ("timezone", "now"), ("timezone", "localdate"), ("timezone", "localtime"), ("date", "today"), ("datetime", "now"),
    ("datetime", "today"), ("datetime", "utcnow"),
}  # fmt: skip
ALWAYS_WRITE = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
MAY_WRITE = {"create", "update", "add", "remove", "set", "clear"}
#: Receivers of save() that are no rows: forms that call an action, pages, pictures.
SCREENS_OWN = re.compile(r"^(self|form|super\(\)|segno\..*|default_storage|cache|self\.api\..*|driver|panel)$", re.S)
INLINE = re.compile(
    r"<style\b|\sstyle\s*=\s*[\"']|\son(?:click|change|submit|load|input|focus|blur|keydown|keyup)\s*=|javascript:|hx-on", re.I
)
FOREIGN = re.compile(
    r"(?:src|srcset)\s*=\s*[\"'](?:https?:)?//|<link[^>]+href\s*=\s*[\"'](?:https?:)?//|url\(\s*[\"']?(?:https?:)?//|@import"
)
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=[\"']application/(?:json|ld\+json)[\"'])", re.I)


def test_app_roots_hold_the_skeleton_and_nothing_else():
    strays = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).iterdir()
        if path.name != "__pycache__" and path.name not in SKELETON | DRIVER_FOLDERS[app]
    ]
    assert not strays


def test_no_drawer_for_odds_and_ends():
    assert not [str(path.relative_to(ROOT)) for path in python_files(*PRODUCT) if path.name in FORBIDDEN_NAMES]


def test_money_never_meets_floats():
    """Billing, and the floor's money module, use Decimal and whole minor units only."""
    files = [*python_files("billing"), ROOT / "hostbill/core/money.py", ROOT / "hostbill/core/fields.py"]
    assert not [place(path, node.lineno) for path in files for node in ast.walk(tree(path)) if is_float(node)]


def is_float(node: ast.AST) -> bool:
    """A call of float(), a float literal, a FloatField, or an annotation saying float."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    name = getattr(node, "id", None) or getattr(node, "attr", None)
    return isinstance(node, ast.Name | ast.Attribute) and name in ("float", "FloatField")


def test_only_the_clock_tells_the_time():
    """hostbill.core.clock is the only source of now and today, or moving the sandbox clock would be a lie."""
    allowed = {ROOT / "hostbill/core/clock.py"}
    files = [path for path in python_files(*PRODUCT) if path not in allowed and "sandbox" not in path.parts]
    assert not [place(path, node.lineno) for path in files for node in ast.walk(tree(path)) if asks_the_time(node)]


def asks_the_time(node: ast.AST) -> bool:
    """A call like timezone.now() or date.today(); localtime(moment) only converts."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if node.func.attr in ("localtime", "localdate") and node.args:
        return False
    owner = node.func.value
    return (getattr(owner, "id", None) or getattr(owner, "attr", None), node.func.attr) in CLOCK_CALLS


def test_imports_stand_at_the_top():
    """An import inside a function hides a dependency. The settings may load what is switched on."""
    files = [path for path in python_files(*PRODUCT) if path.name != "settings.py"]
    found = [
        place(path, inner.lineno)
        for path in files
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not found


def test_only_actions_change_rows():
    """A row that is written elsewhere escapes locks, checks and the change log. Models may write themselves; core is the floor."""
    written = ("actions", "models", "management")
    files = [
        path
        for path in python_files(*APPS, "hostbill/pages")
        if not set(written) & set(path.parts) and not path.name.startswith("demo_")
    ]
    assert len(files) > 150
    assert not [place(path, node.lineno) for path in files for node in ast.walk(tree(path)) if writes_rows(node)]


def writes_rows(node: ast.AST) -> bool:
    """A call such as row.save(), rows.objects...update(...), row.things.add(...), or states.transition(row, ...)."""
    if not isinstance(node, ast.Call):
        return False
    if not isinstance(node.func, ast.Attribute):
        return getattr(node.func, "id", "") == "transition"
    name, owner = node.func.attr, node.func.value
    if name in ALWAYS_WRITE:
        return not SCREENS_OWN.search(ast.unparse(owner))
    return name in MAY_WRITE and bool(re.search(r"\bobjects\b|_set\b", ast.unparse(owner)))


def test_the_tripwire_trips():
    for line in ("row.save()", "Invoice.objects.filter(pk=1).update(x=1)", "Plan.objects.create()", "transition(row, 'paid')"):
        assert any(writes_rows(node) for node in ast.walk(ast.parse(line))), line
    for line in ("values.update(x=1)", "form.save(actor)", "found.add(1)", "options.delete"):
        assert not any(writes_rows(node) for node in ast.walk(ast.parse(line))), line


def test_templates_have_no_inline_script_or_style():
    """The Content-Security-Policy would refuse them in the browser, where nobody reads the console."""
    found = []
    for path in templates():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if INLINE.search(line) or INLINE_SCRIPT.search(line):
                found.append(f"{place(path, number)}: {line.strip()[:80]}")
    assert not found


def test_nothing_is_loaded_from_other_hosts():
    """Templates and style sheets of ours name no foreign address to load from."""
    sheets = [path for path in (ROOT / "static").rglob("*.css") if "vendor" not in path.parts]
    files = [*templates(), *sheets]
    assert files
    lines = [(path, number, line) for path in files for number, line in enumerate(path.read_text().splitlines(), 1)]
    assert not [place(path, number) for path, number, line in lines if FOREIGN.search(line)]


def test_no_third_party_code_is_committed():
    assert not [str(path.relative_to(ROOT)) for path in (ROOT / "static").rglob("*.min.*") if "vendor" not in path.parts]
    assert "/static/vendor" in (ROOT / ".gitignore").read_text().splitlines()
