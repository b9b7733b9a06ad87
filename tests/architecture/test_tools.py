"""The outside judges: import rules, lint, template lint, the production manifest, migrations in step with the models."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


def judged(*command: str) -> str:
    """Output of a checking tool; fails the test with that output when the tool is not content."""
    result = subprocess.run([str(TOOLS / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        pytest.fail(f"{' '.join(command)}\n{result.stdout[-6000:]}{result.stderr[-2000:]}", pytrace=False)
    return result.stdout


def test_imports_follow_the_architecture():
    assert "0 broken" in judged("lint-imports", "--no-cache")


def test_python_is_clean():
    judged("ruff", "check", "--no-cache", ".")


def test_templates_are_clean():
    judged("djlint", "--lint", "--quiet", "templates")


def test_compose_file_fits_the_compose_specification():
    judged("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_compose_check_would_notice_a_misspelling(tmp_path):
    broken = tmp_path / "docker-compose.yml"
    broken.write_text((ROOT / "docker-compose.yml").read_text().replace("healthcheck:", "healtcheck:", 1))
    result = subprocess.run(
        [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", broken], capture_output=True, text=True
    )
    assert result.returncode, "a misspelt key passed"


@pytest.mark.django_db
def test_migrations_match_the_models():
    out = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=out, stderr=out)
    except SystemExit:
        pytest.fail(out.getvalue(), pytrace=False)
