"""Every checker of VAT numbers against its sandbox: what it answers, and what it makes of an office in trouble."""

import pytest

from billing.vat_checkers import REGISTRY
from hostbill.core.errors import DriverError
from hostbill.core.modules import DriverKind

KIND = DriverKind("vat_checker", REGISTRY)
OWN = "DE123456789"


@pytest.fixture(params=sorted(REGISTRY.keys() - {"hmrc"}))  # whose protocol is another: test_hmrc.py
def checker(request, sandbox):
    """The driver, on a freshly reset sandbox."""
    from django.utils.module_loading import import_string

    sandbox.control("vies", "reset", {})
    return import_string(KIND.path_of(request.param))({"url": f"{sandbox.vies.url}/taxation_customs/vies/"})


def fault(sandbox, kind, **more):
    sandbox.control("vies", "faults", {"match": "check", "kind": kind, "times": None, **more})


def test_a_firm_that_exists_is_confirmed_with_proof(checker, sandbox):
    found = checker.check("FR12345678901", OWN)
    assert found.is_valid and found.request_id and found.asked_at.endswith("Z")
    assert "ATELIER" in found.name and "PARIS" in found.address
    asked = sandbox.control("vies", "calls")[-1]["params"]
    assert asked == {
        "countryCode": "FR",
        "vatNumber": "12345678901",
        "requesterMemberStateCode": "DE",
        "requesterNumber": "123456789",
    }


def test_without_our_own_number_there_is_no_proof(checker):
    found = checker.check("DE123456789")
    assert found.is_valid and found.request_id == "" and found.name == ""


def test_a_firm_that_does_not_exist(checker):
    assert not checker.check("FR99999999999", OWN).is_valid
    assert not checker.check("FR<script>", OWN).is_valid
    assert not checker.check("US123456789", OWN).is_valid


def test_our_own_number_refused_leaves_the_answer_without_proof(checker):
    found = checker.check("FR12345678901", "DE!")
    assert found.is_valid and found.request_id == ""


@pytest.mark.parametrize(
    "kind",
    ["MS_UNAVAILABLE", "TIMEOUT", "SERVICE_UNAVAILABLE", "MS_MAX_CONCURRENT_REQ", "IP_BLOCKED"]
    + ["500", "503", "html", "empty", "truncate", "refuse", "drop_after", "drop_before"],
)
def test_an_office_in_trouble_is_asked_again_later(checker, sandbox, kind):
    fault(sandbox, kind)
    with pytest.raises(DriverError) as caught:
        checker.check("FR12345678901", OWN)
    assert not caught.value.permanent and caught.value.message


def test_nobody_there(sandbox):
    from billing.vat_checkers.vies import Vies

    with pytest.raises(DriverError) as caught:
        Vies({"url": "http://127.0.0.1:9/vies"}).check("FR12345678901")
    assert not caught.value.permanent
