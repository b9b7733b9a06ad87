"""A case for every registered panel driver, on a freshly reset sandbox."""

import pytest

from provisioning.panels import REGISTRY
from tests.contracts.panel_cases import CASES, Case


@pytest.fixture(params=sorted(REGISTRY))
def case(request, sandbox):
    """One driver against its sandbox."""
    found = Case(driver=request.param, sandbox=sandbox, **CASES[request.param])
    found.control("reset", {})
    return found
