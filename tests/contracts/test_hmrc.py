"""The check of UK VAT numbers against its sandbox: token, look-up, proof, refusals, an office in trouble."""

import pytest

from billing.vat_checkers.hmrc import Hmrc
from hostbill.core.errors import DriverError

OWN = "GB146295999"


@pytest.fixture
def hmrc(sandbox):
    """The driver with credentials, on a freshly reset sandbox."""
    sandbox.control("hmrc", "reset", {})
    return Hmrc({"url": sandbox.hmrc.url + "/", "client_id": "app", "client_secret": sandbox.hmrc.client_secret})


def test_a_firm_that_exists_is_confirmed_with_proof(hmrc, sandbox):
    found = hmrc.check("GB553557881", OWN)
    assert found.is_valid and found.request_id and found.asked_at.endswith("+00:00")
    assert found.name == "Credite Sberger Donal Inc." and found.address == "131B Barton Hamlet, SW97 5CK"
    paths = [call["params"]["path"] for call in sandbox.control("hmrc", "calls")]
    assert paths == ["/oauth/token", "/organisations/vat/check-vat-number/lookup/553557881/146295999"]


def test_without_our_own_number_there_is_no_proof(hmrc):
    for own in ("", "DE123456789", "GB000000000"):  # none, not of this office, not known to it
        found = hmrc.check("GB553557881", own)
        assert found.is_valid and found.request_id == ""


def test_a_number_that_nobody_has_or_can_have(hmrc):
    assert not hmrc.check("GB999999999", OWN).is_valid
    assert not hmrc.check("GB12", OWN).is_valid


def test_credentials_that_are_refused_are_final(sandbox):
    with pytest.raises(DriverError) as caught:
        Hmrc({"url": sandbox.hmrc.url, "client_id": "app", "client_secret": "wrong"}).check("GB553557881")
    assert caught.value.permanent and caught.value.code == "login_refused" and "wrong" not in str(caught.value.technical)


@pytest.mark.parametrize("match", ["token", "lookup"])
@pytest.mark.parametrize("kind", ["500", "503", "html", "empty", "truncate", "drop_before"])
def test_an_office_in_trouble_is_asked_again_later(hmrc, sandbox, match, kind):
    sandbox.control("hmrc", "faults", {"match": match, "kind": kind, "times": None})
    with pytest.raises(DriverError) as caught:
        hmrc.check("GB553557881", OWN)
    assert not caught.value.permanent and caught.value.message
