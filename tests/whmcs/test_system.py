"""System, servers and signing in."""

import pytest
from django.test import Client as Browser

from clients.actions.user import set_password
from clients.models import StaffRole
from clients.options import WHMCS_PASSWORDS
from clients.queries.actor import actor_of
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Change, Message, ModuleConfig
from hostbill.core.options import COMPANY_NAME, set_option
from tests.billing.factories import make_order, pay
from tests.factories import make_staff
from tests.whmcs.conftest import caller_for

pytestmark = pytest.mark.django_db
PASSWORD = "three-blue-herons-44"


def test_currencies_and_gateways(whmcs):
    found = whmcs.done("GetCurrencies")
    assert found["currencies"]["currency"][0] | {"rate": ""} == {
        "id": 1, "code": "EUR", "prefix": "€", "suffix": " EUR", "format": 1, "rate": ""}  # fmt: skip
    assert found["totalresults"] == len(found["currencies"]["currency"])
    ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="By bank", is_default=True)
    rows = whmcs.done("getpaymentmethods")["paymentmethods"]["paymentmethod"]
    assert rows == [{"module": "banktransfer", "displayname": "By bank"}]


def test_who_one_is(whmcs, cast):
    found = whmcs.done("GetAdminDetails")
    assert found["adminid"] == cast.stella.pk and "clients.client.view" in found["allowedpermissions"].split(",")
    assert found["whmcs"]["version"] == whmcs.done("WhmcsDetails")["whmcs"]["version"]
    rows = whmcs.done("GetAdminUsers", email="stella")["admin_users"]
    assert [row["id"] for row in rows] == [cast.stella.pk] and rows[0]["fullName"] == "Stella Solberg"
    browser = Browser()
    browser.force_login(cast.stella)
    browser.get("/staff/")
    assert whmcs.done("GetStaffOnline")["staffonline"]["staff"][0]["adminusername"] == cast.stella.email


def test_figures(whmcs, cast):
    pay(make_order(cast.alice_client).invoice)
    make_order(cast.alice_client)
    found = whmcs.done("GetStats", timeline_days=3)
    assert found["orders_today_total"] == 2 and found["orders_pending"] == 1 and found["orders_yesterday_total"] == 0
    assert found["income_today"] == found["income_alltime"] and found["income_today"].startswith("€")
    today = f"{clock.today()}"
    assert len(found["timeline_data"]["income"]) == 3 and found["timeline_data"]["new_orders"][today] == 2
    assert float(found["timeline_data"]["income"][today]) > 0


def test_the_log_is_read_and_written(whmcs, cast):
    whmcs.done("LogActivity", description="Moved to web-02", clientid=cast.alice_client.pk)
    row = whmcs.done("GetActivityLog", clientid=cast.alice_client.pk, limitnum=1)["activity"]["entry"][0]
    assert "Moved to web-02" in row["description"] and row["user"] == "Stella Solberg (WHMCS API: Order form)"
    assert Change.objects.get(pk=row["id"]).actor_kind == "api"
    assert whmcs.done("GetActivityLog", description="web-02", date=f"{clock.today()}")["totalresults"] == 1
    assert whmcs.done("GetActivityLog", date="2001-01-01")["numreturned"] == 0
    assert whmcs.refused("LogActivity", description="x", clientid=99999) == "Client Not Found"
    assert whmcs.done("GetAutomationLog")["startdate"] == f"{clock.today()}"
    assert "at most" in whmcs.refused("GetAutomationLog", startdate="2001-01-01", enddate="2020-01-01")


def test_settings_by_their_names(whmcs, cast):
    assert whmcs.done("SetConfigurationValue", setting="CompanyName", value="Fjord")["value_changed"] is True
    assert whmcs.done("SetConfigurationValue", setting="CompanyName", value="Fjord")["value_changed"] is False
    assert COMPANY_NAME.value == "Fjord" == whmcs.done("GetConfigurationValue", setting="company.name")["value"]
    assert whmcs.done("GetConfigurationValue", setting="SystemURL")["value"].startswith("http")
    for name in ("clients.whmcs_access_key", "clients.whmcs_passwords", "tax.hmrc_client_secret", "nonsense"):
        whmcs.refused("GetConfigurationValue", setting=name)
        whmcs.refused("SetConfigurationValue", setting=name, value="1")
    assert "number" in whmcs.refused("SetConfigurationValue", setting="CreateInvoiceDaysBefore", value="many")


def test_encrypting_opens_nothing_else(whmcs, cast):
    from hostbill.core.secrets import encrypt

    hidden = whmcs.done("EncryptPassword", password2="a+b=c")["password"]
    assert "setting" in whmcs.refused("DecryptPassword", password2=hidden)
    set_option(WHMCS_PASSWORDS, True, actor_of(cast.stella))
    assert whmcs.done("DecryptPassword", password2=hidden)["password"] == "a+b=c"
    for other in (encrypt("panel secret"), "nonsense", "é"):
        whmcs.refused("DecryptPassword", password2=other)


def test_mails(whmcs, cast, drain):
    names = whmcs.done("GetEmailTemplates", type="invoice")["emailtemplates"]["emailtemplate"]
    assert "billing.invoice_issued" in {row["name"] for row in names}
    own = {"customtype": "general", "customsubject": "Hello", "custommessage": "It is done."}
    whmcs.done("SendEmail", own, id=cast.alice_client.pk)
    assert Message.objects.get(kind="clients.letter").subject == "Hello"
    assert whmcs.refused("SendEmail", own, id=99999) == "Related ID Not Found"
    assert whmcs.refused("SendEmail", id=1, messagename="Nothing") == "Email Template not found"
    invoice = make_order(cast.alice_client).invoice
    whmcs.done("SendEmail", messagename="Invoice Created", id=invoice.pk)
    assert Message.objects.filter(kind="billing.invoice_issued", client_id=cast.alice_client.pk).exists()
    whmcs.done("SendAdminEmail", customsubject="Copy failed", custommessage="web-01")
    assert Message.objects.get(kind="clients.staff_letter").to_email == cast.stella.email


def test_health_and_servers(whmcs):
    assert whmcs.done("GetServers")["servers"] == []
    assert len(whmcs.done("GetHealthStatus")["checks"]["success"]) == 3


def test_a_sign_in_link_works_once(whmcs, cast):
    found = whmcs.done("CreateSsoToken", client_id=cast.alice_client.pk, destination="clientarea:invoices")
    place = found["redirect_url"].split("/", 3)[3]
    browser = Browser()
    answer = browser.get(f"/{place}")
    assert answer.status_code == 302 and answer["Location"] == "/account/invoices/"
    assert browser.get("/account/invoices/").status_code == 200
    assert Browser().get(f"/{place}")["Location"].startswith("/auth/login/")
    assert Change.objects.filter(action="clients.sign_in_link_made", client_id=cast.alice_client.pk).exists()


def test_a_sign_in_link_is_too_old_after_a_minute(whmcs, cast):
    from django.core.cache import cache

    from clients.actions.single_sign_on import SECONDS, _key

    ticket = whmcs.done("CreateSsoToken", client_id=cast.alice_client.pk)["access_token"]
    assert SECONDS == 60 and 0 < cache._cache.get_client().ttl(cache.make_key(_key(ticket))) <= 60
    cache.delete(_key(ticket))
    assert Browser().get(f"/sso/{ticket}/")["Location"].startswith("/auth/login/")


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "\t//evil.example", ""]
)
def test_a_sign_in_link_leaves_the_site_for_nobody(path, whmcs, cast):
    found = whmcs.call("CreateSsoToken", client_id=cast.alice_client.pk, destination="sso:custom_redirect", sso_redirect_path=path)
    if found["result"] == "success":
        place = Browser().get("/" + found["redirect_url"].split("/", 3)[3])["Location"]
        assert place.startswith("/") and not place.startswith(("//", "/\\"))


def test_sign_in_links_are_for_clients_people_only(whmcs, cast):
    assert whmcs.refused("CreateSsoToken", user_id=cast.stella.pk) == "Invalid User ID"
    assert whmcs.refused("CreateSsoToken", user_id=cast.charlie.pk, client_id=cast.alice_client.pk) == "Invalid User ID"
    assert whmcs.refused("CreateSsoToken", client_id=cast.alice_client.pk, destination="clientarea:nowhere") == "Invalid destination"
    assert "no page" in whmcs.refused("CreateSsoToken", client_id=cast.alice_client.pk, destination="clientarea:domains")
    assert whmcs.refused("CreateSsoToken") == "client_id or user_id is required"
    StaffRole.objects.create(code="few", name="Few", permissions=["clients.*"])
    assert caller_for(make_staff("few")).send("CreateSsoToken", {"client_id": 1}).status_code == 403


def test_a_login_is_checked_and_guessing_stopped(whmcs, cast):
    set_password(cast.alice, PASSWORD, actor=SYSTEM)
    set_password(cast.stella, PASSWORD, actor=SYSTEM)
    found = whmcs.done("ValidateLogin", email=cast.alice.email.upper(), password2=PASSWORD)
    assert found["userid"] == cast.alice.pk and found["twoFactorEnabled"] is False and PASSWORD not in found["passwordhash"]
    assert whmcs.refused("ValidateLogin", email=cast.stella.email, password2=PASSWORD) == "Email or Password Invalid"
    for _again in range(8):
        whmcs.refused("ValidateLogin", email=cast.alice.email, password2="wrong")
    assert whmcs.refused("ValidateLogin", email=cast.alice.email, password2=PASSWORD) == "Email or Password Invalid"
    whmcs.done("WhmcsDetails")
