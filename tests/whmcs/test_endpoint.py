"""The endpoint: how it is called, how it answers, whom it lets in."""

import xml.etree.ElementTree as ET
from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.test import RequestFactory

from clients.actions.api_credential import revoke_credential
from clients.models import ApiCredential, ApiRole, StaffRole
from clients.options import WHMCS_ACCESS_KEY, WHMCS_NETWORKS
from clients.queries.actor import actor_of
from hostbill.core.models import Change
from hostbill.core.options import API_RATE, set_option
from hostbill.core.secrets import decrypt
from hostbill.whmcs.actions.system import MARK
from hostbill.whmcs.catalogue import DOCUMENTED
from hostbill.whmcs.endpoint import api
from tests.factories import make_staff
from tests.whmcs.conftest import URL, Caller, caller_for

pytestmark = pytest.mark.django_db


def test_all_documented_actions_are_in_the_table():
    assert len(DOCUMENTED) == 162
    assert {name for role in ApiRole.objects.exclude(actions=["*"]) for name in role.actions} <= {
        entry.name for entry in DOCUMENTED.values()
    }


def test_an_unknown_action_is_an_error(whmcs):
    assert whmcs.refused("GetNothing") == "Command Not Found"


def test_an_absent_action_says_so(whmcs):
    assert "domain names" in whmcs.refused("DomainRegister", domain="a.example")
    assert "OAuth" in whmcs.refused("CreateOAuthCredential")


def test_no_action_is_a_bad_request(whmcs):
    found = whmcs.send(None)
    assert found.status_code == 400 and found.json() == {"result": "error", "message": "Empty action request"}
    assert found["Content-Type"] == "application/json"
    assert whmcs.client.post(URL, {}).status_code == 400


def test_form_multipart_query_and_get_are_the_same(whmcs):
    sent = {"action": "GETCURRENCIES", **whmcs.keys}
    query = "&".join(f"{name}={value}" for name, value in sent.items())
    form = "application/x-www-form-urlencoded"
    answers = [
        whmcs.client.post(URL, sent),
        whmcs.client.post(URL, query, content_type=form),
        whmcs.client.post(f"{URL}?{query}", "", content_type=form),
        whmcs.client.post(f"{URL}?{query}"),
        whmcs.client.get(f"{URL}?{query}"),
        whmcs.client.post(f"{URL}?action=GetCurrencies", whmcs.keys),
        whmcs.client.post(f"{URL}?action=GetCurrencies", whmcs.keys | {"action": "GetCurrencies"}),
        whmcs.client.post(URL, {"action": "getcurrencies", "username": sent["identifier"], "password": sent["secret"]}),
    ]
    assert [found.status_code for found in answers] == [200] * len(answers)
    assert len({found.content for found in answers}) == 1 and answers[0].json()["result"] == "success"
    assert answers[0]["Cache-Control"] == "private, no-store" and answers[0]["X-Request-ID"]


@pytest.mark.parametrize("url", ["/includes/api.php/", "/whmcs/includes/api.php", "/my/billing//includes/api.php/"])
def test_addresses_of_the_installation_before_still_work(url, whmcs):
    assert whmcs.send("GetCurrencies", {"responsetype": "JSON"}, url=url).json()["result"] == "success"
    assert whmcs.send("GetCurrencies", url="/a/b/c/d/includes/api.php").status_code == 404


def test_a_form_may_be_in_the_letters_it_says(whmcs):
    sent = urlencode({"action": "EncryptPassword", "password2": "é", **whmcs.keys}, encoding="iso-8859-1")
    found = whmcs.client.post(URL, sent, content_type="application/x-www-form-urlencoded; charset=ISO-8859-1").json()
    assert decrypt(found["password"]) == MARK + "é"


def test_bodies_in_chunks_are_read_up_to_the_limit(cast):
    """As Node's streams send them; the server of tests knows no chunks, so the server's part is done here."""
    sent = urlencode({"action": "GetCurrencies", **caller_for(cast.stella).keys}).encode()
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    for body, status in ((sent, 200), (sent + b"&x=" + b"y" * 2_500_000, 413)):
        request = RequestFactory().post(URL, **chunked)
        del request.META["CONTENT_LENGTH"]
        request.META["wsgi.input"] = BytesIO(body)
        assert api(request).status_code == status


def test_no_session_and_no_csrf(whmcs):
    strict = Browser(enforce_csrf_checks=True)
    found = strict.post(URL, {"action": "WhmcsDetails", **whmcs.keys})
    assert found.json()["result"] == "success" and not found.cookies


def test_xml_repeats_the_elements_of_lists(whmcs):
    found = whmcs.send("GetCurrencies", {"responsetype": "xml"})
    root = ET.fromstring(found.content)
    assert found["Content-Type"].startswith("application/xml") and root.tag == "whmcsapi"
    assert (root.findtext("action"), root.findtext("result")) == ("GetCurrencies", "success")
    assert root.findtext("currencies/currency/code") == "EUR"
    assert ET.fromstring(whmcs.send("x<y>\x0b&", {"responsetype": "xml"}).content).findtext("message") == "Command Not Found"


def test_names_and_values(whmcs):
    found = whmcs.send("GetCurrencies", {"responsetype": "nvp"}).content.decode()
    assert found.startswith("result=success;totalresults=") and "currencies[currency][0][code]=EUR;" in found


def test_the_words_of_who_may_not_come_in(whmcs, cast):
    wrong = {"identifier": whmcs.keys["identifier"], "secret": "x" * 32}
    cases = [
        ({}, 403, "Invalid or missing credentials"),
        (wrong, 403, "Invalid or missing credentials"),
        ({"username": "admin", "password": "letmein"}, 403, "Authentication Failed"),
        ({"username": "admin", "password": "5f4dcc3b5aa765d61d8327deb882cf99"}, 403, "MD5"),
    ]
    for keys, status, words in cases:
        found = Browser().post(URL, {"action": "WhmcsDetails", **keys})
        assert found.status_code == status and words in found.json()["message"], keys
    type(cast.stella).objects.filter(pk=cast.stella.pk).update(is_active=False)
    found = whmcs.send("WhmcsDetails")
    assert (found.status_code, found.json()["message"]) == (403, "Administrator Account Disabled")
    type(cast.stella).objects.filter(pk=cast.stella.pk).update(is_active=True, is_staff=False)
    assert whmcs.send("WhmcsDetails").json()["message"] == "Access Denied"


def test_role_and_person_both_bind(cast):
    few = caller_for(cast.stella, ["GetCurrencies"])
    few.done("getcurrencies")
    found = few.send("GetAdminUsers")
    assert found.status_code == 403 and found.json()["message"] == 'Invalid Permissions: API action "getadminusers" is not allowed'
    StaffRole.objects.create(code="few", name="Few", permissions=["clients.api_credential.edit"])
    weak = caller_for(make_staff("few"))
    found = weak.send("GetAdminUsers")
    assert found.status_code == 403 and found.json() == {"result": "error", "message": "Access Denied"}


def test_addresses(whmcs, cast):
    actor = actor_of(cast.stella)
    set_option(WHMCS_NETWORKS, "198.51.100.0/24", actor)
    found = whmcs.send("WhmcsDetails")
    assert found.status_code == 400 and found.json()["message"] == "Invalid IP 127.0.0.1"
    assert whmcs.send("WhmcsDetails", {"accesskey": ""}).status_code == 400
    set_option(WHMCS_ACCESS_KEY, "open-sesame", actor)
    assert whmcs.send("WhmcsDetails", {"accesskey": "open"}).status_code == 400
    whmcs.done("WhmcsDetails", accesskey="open-sesame")
    assert Browser().post(URL, {"action": "WhmcsDetails", "accesskey": "open-sesame"}).status_code == 403, "no credentials"
    own = caller_for(cast.stella, networks=["198.51.100.0/24"])
    assert own.send("WhmcsDetails", {"accesskey": "open-sesame"}).status_code == 400
    set_option(WHMCS_NETWORKS, "198.51.100.0/24\n127.0.0.1", actor)
    whmcs.done("WhmcsDetails")


def test_revoked_is_revoked_and_guessing_is_stopped(whmcs, cast):
    other = caller_for(cast.stella)
    revoke_credential(other.credential, actor=actor_of(cast.stella))
    for _again in range(10):
        assert other.send("WhmcsDetails").status_code == 403
    for number in range(8):
        assert Caller().send("WhmcsDetails", {"identifier": "a" * 32, "secret": f"{number}"}).status_code == 403
    found = whmcs.send("WhmcsDetails")
    assert found.status_code == 429 and found["Retry-After"] and found.json()["result"] == "error"
    assert Browser().post("/auth/login/", {"login": "x@y.example", "password": "z"}).status_code == 200, "sign-in goes on"


def test_the_limit_is_told_and_kept(whmcs, cast):
    assert whmcs.send("WhmcsDetails")["RateLimit-Limit"] == "600"
    set_option(API_RATE, 10, actor_of(cast.stella))
    last = [whmcs.send("WhmcsDetails") for _again in range(22)][-1]
    assert last.status_code == 429 and last["Retry-After"] and last.json()["message"] == "Too many requests"
    caller_for(cast.stella).done("WhmcsDetails")


def test_the_last_use_is_noted(whmcs):
    whmcs.done("WhmcsDetails")
    credential = ApiCredential.objects.get(pk=whmcs.credential.pk)
    assert credential.last_used_ip == "127.0.0.1" and credential.last_used_at


def test_acts_name_person_and_program(whmcs):
    whmcs.done("LogActivity", description="Hello")
    change = Change.objects.get(action="clients.program_noted")
    assert (change.actor_kind, change.actor_label, change.ip) == ("api", "Stella Solberg (WHMCS API: Order form)", "127.0.0.1")


def test_what_an_action_refuses_in_the_middle_has_not_happened(whmcs, monkeypatch):
    from hostbill.core.audit import audit
    from hostbill.core.errors import AppError
    from hostbill.whmcs.action import ACTIONS, Action

    def half(call):
        audit(call.actor, "test.half")
        raise AppError("No.")

    monkeypatch.setitem(ACTIONS, "getcurrencies", Action("GetCurrencies", "System", half))
    assert whmcs.refused("GetCurrencies") == "No."
    assert not Change.objects.filter(action="test.half").exists()
