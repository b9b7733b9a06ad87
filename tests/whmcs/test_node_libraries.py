"""Clients of the WHMCS API for Node that others wrote, unchanged, against a live server: one sends forms, one sends all in the query."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hostbill.core.models import ModuleConfig
from support.models import Department
from tests.billing.factories import make_product
from tests.whmcs.test_libraries import ADA

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Path(__file__).parent / "programs"
FILES = ("package.json", "package-lock.json")


@pytest.fixture(scope="session")
def programs(request) -> Path:
    """The folder with the pinned libraries, fetched once."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("there is no node on this machine")
    pins = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = request.config.cache.mkdir(f"whmcs-programs-{pins}")
    if not (folder / "node_modules").exists():
        for name in FILES:
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        if fetched.returncode:
            shutil.rmtree(folder / "node_modules", ignore_errors=True)
            pytest.skip(f"the npm registry cannot be reached: {fetched.stderr[-200:]}")
    shutil.copy(HERE / "run.js", folder)
    return folder


def test_a_client_an_order_and_a_ticket(programs, live_server, whmcs):
    ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="By bank", is_default=True)
    department = Department.objects.get_or_create(name="Support", defaults={"is_public": True})[0]
    keys = (whmcs.keys["identifier"], whmcs.keys["secret"])
    # Both join the address to the folder of the installation before.
    endpoint = f"{live_server.url}/whmcs/includes/api.php"
    words = ["node", "run.js", endpoint, *keys, str(make_product().pk), str(department.pk), json.dumps(ADA)]
    done = subprocess.run(words, cwd=programs, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    form, query = told["form"], told["query"]
    assert form["currencies"]["currencies"]["currency"][0]["code"] == "EUR"
    assert form["invoice"]["status"] == "Unpaid" and form["invoice"]["userid"] == form["client"]["clientid"]
    assert form["accepted"] == {"result": "success"}
    assert form["refused"] == {"result": "error", "message": "Invoice ID Not Found"} and query["refused"] == "Invoice ID Not Found"
    assert query["details"]["client"]["email"] == ADA["email"] and query["details"]["stats"]["productsnumactive"] == 1
    assert query["credit"]["newbalance"] == "3.00"
    (ticket,) = query["ticket"]["tickets"]["ticket"]
    assert (ticket["id"], ticket["subject"]) == (form["opened"]["id"], "Ä & <b>")
