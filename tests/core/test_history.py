"""The history of an object: every act on it in words, on a tab of each detail page, for those who may see the page."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Product
from clients.models import StaffRole
from hostbill.core import options
from hostbill.core.access import SYSTEM, VISITOR
from hostbill.core.crud import StaffDetailView, StaffListView
from hostbill.core.crud.changes import entries
from hostbill.core.models import Change, Rule
from hostbill.core.ui.words import moment_words
from tests.billing.factories import make_order, make_tax_rate
from tests.factories import make_cast, make_staff
from tests.security.routes import routes

pytestmark = pytest.mark.django_db


def change(kind, fields, **more) -> Change:
    values = {"action": "billing.invoice_paid", "actor_kind": "staff", "actor_label": "Stella", "object_label": "x"}
    return Change.objects.create(object_kind=kind, fields=fields, **(values | more))


def told(kind, fields, actor=SYSTEM, obj=None) -> dict:
    return {line.label: (line.before, line.after) for line in entries([change(kind, fields)], actor, obj)[0].lines}


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def invoice(cast):
    return make_order(cast.alice_client).invoice


def test_what_only_points_to_the_object_is_told_by_its_name():
    assert told("billing.promotion", {"amounts": [None, {"EUR": "20"}]}) == {"Amounts: EUR": ("–", "20")}


def stella(client):
    client.force_login(make_staff("owner"))
    return client


def test_fields_are_told_by_their_labels_and_values_in_words(invoice):
    fields = {
        "state": ["issued", "paid"],
        "open_amount": ["119.0000", "0.0000"],
        "due_on": ["2027-05-13", "2027-06-01"],
        "paid_at": [None, "2027-05-14T10:00:00+00:00"],
        "client_id": [None, invoice.client_id],
    }
    lines = told("billing.invoice", fields, obj=invoice)
    assert lines["State"] == ("Unpaid", "Paid")
    assert lines["Still to pay"] == ("€119.00", "€0.00")
    assert lines["Due on"] == ("13 May 2027", "1 Jun 2027")
    assert lines["Paid at"][0] == "–" and lines["Paid at"][1].startswith("14 May 2027")
    assert lines["Client"] == ("–", invoice.client.name)


def test_amounts_without_a_known_currency_stay_numbers():
    assert told("billing.invoice", {"open_amount": ["1190.5000", None]})["Still to pay"] == ("1,190.5", "–")
    assert told("billing.invoice", {"currency": ["EUR", "USD"], "open_amount": ["1", "2"]})["Still to pay"][1] == "$2.00"


def test_objects_that_the_reader_may_not_see_are_not_named(invoice):
    line = told("billing.invoice", {"client_id": [None, invoice.client_id]}, actor=VISITOR)["Client"]
    assert line == ("–", f"number {invoice.client_id}")


def test_structured_values_are_told_by_the_parts_that_differ():
    before, after = {"plan": "start", "server_group": 1}, {"plan": "grow", "server_group": 1}
    assert told("billing.product", {"provisioning": [before, after]}) == {"Provisioning: Plan": ("start", "grow")}


def test_secrets_are_never_told():
    fields = {
        "api_token": ["tok_1", "tok_2"],
        "config": [{"password": "hunter1", "port": 1}, {"password": "hunter2", "port": 2, "deep": {"secret": "hunter3"}}],
    }
    text = str(told("core.moduleconfig", fields))
    assert "tok_" not in text and "hunter" not in text
    assert "'Connection: Port': ('1', '2')" in text and "not shown" in text


def test_a_setting_is_called_by_its_label():
    assert told("", {"company.name": ["A", "B"]}) == {str(options.find("company.name").label): ("A", "B")}


def test_kinds_and_fields_that_are_gone_are_still_told():
    assert told("gone.teapot", {"lid_id": [1, 2]}) == {"Lid id": ("1", "2")}
    assert told("billing.invoice", {"teapot": ["a", "b"]}) == {"Teapot": ("a", "b")}


def test_the_tab_shows_who_when_why_and_what(client, invoice):
    row = change("billing.invoice", {"state": ["issued", "paid"]}, object_id=invoice.pk, reason="Bank line 7", ip="203.0.113.9")
    other = change("billing.invoice", {}, object_id=invoice.pk + 1, reason="Another invoice")
    url = reverse("billing_staff:invoice_history", args=[invoice.pk])
    body = stella(client).get(url).content.decode()
    for words in ("Stella", "Bank line 7", "Unpaid", "Paid", "203.0.113.9", moment_words(row.at), f"billing.invoice%3A{invoice.pk}"):
        assert words in body, words
    assert other.reason not in body
    assert reverse("billing_staff:invoice_detail", args=[invoice.pk]) in body
    log = re.search(r'href="(/staff/activity/[^"]+)"', body).group(1).replace("&amp;", "&")
    page = client.get(log)
    assert {change.object_id for change in page.context["page"].rows} == {invoice.pk}
    assert f"Invoice {row.object_label}" in page.content.decode() or invoice.number in page.content.decode()


def test_whoever_sees_the_page_sees_its_history_and_not_the_log(client, invoice):
    change("billing.invoice", {"state": ["issued", "paid"]}, object_id=invoice.pk, ip="203.0.113.9")
    role = StaffRole.objects.create(code="looker", name="Looker", permissions=["billing.invoice.view"])
    client.force_login(make_staff(role.code))
    body = client.get(reverse("billing_staff:invoice_history", args=[invoice.pk])).content.decode()
    assert "Unpaid" in body
    assert "203.0.113.9" not in body and "/staff/activity/" not in body
    role.permissions = ["billing.payment.view"]
    role.save()
    assert client.get(reverse("billing_staff:invoice_history", args=[invoice.pk])).status_code == 403


def test_a_client_s_history_hides_what_the_reader_may_not_look_into(client, cast, invoice):
    role = StaffRole.objects.create(code="desk", name="Desk", permissions=["clients.client.view"])
    client.force_login(make_staff(role.code))
    url = reverse("staff_client_history", args=[cast.alice_client.pk])
    assert "Invoice issued" not in client.get(url).content.decode()
    assert "Invoice issued" in stella(client).get(url).content.decode()


def test_pages_by_keyset_with_the_same_queries_for_few_and_many(client, invoice):
    url = reverse("billing_staff:invoice_history", args=[invoice.pk])
    stella(client)

    def queries(address):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address)
        return page, len(asked)

    at = datetime(2027, 1, 1, tzinfo=UTC)
    fields = {"client_id": [None, invoice.client_id]}
    change("billing.invoice", fields, object_id=invoice.pk, at=at)
    _page, few = queries(url)
    for number in range(70):
        change("billing.invoice", fields, object_id=invoice.pk, at=at, reason=f"act {number}")
    page, many = queries(url)
    assert many <= few
    assert [entry.change.reason for entry in page.context["entries"]][0] == "act 69"
    assert len(page.context["entries"]) == 30
    second = client.get(url + page.context["page"].next_url)
    assert [entry.change.reason for entry in second.context["entries"]][0] == "act 39"
    back = client.get(url + second.context["page"].previous_url)
    assert [entry.change.pk for entry in back.context["entries"]] == [entry.change.pk for entry in page.context["entries"]]


def test_every_detail_page_of_the_console_has_one():
    """Declared by `crud.detail()` in the addresses; the roof's client page has its own."""
    found = [r for r in routes() if isinstance(r.view, type) and issubclass(r.view, StaffDetailView)]
    names = {r.name for r in found}
    details = {name for name in names if name.endswith("_detail")} - {"clients_staff:client_detail"}
    details -= {"clients_staff:webhook_delivery_detail"}  # what is done with it stands with its webhook
    assert len(details) > 8
    assert {name.removesuffix("_detail") + "_history" for name in details} <= names


#: Nouns without a history of their own, and where it is told.
ELSEWHERE = {
    **dict.fromkeys(["core.Change", "core.Message", "core.Export", "core.BulkRun", "core.BulkRow"], "a log"),
    **dict.fromkeys(["core.WebhookDelivery", "billing.TaxLine", "billing.UsageRecord"], "a log"),
    **dict.fromkeys(["billing.ExchangeRate", "billing.PreviewItem", "provisioning.Drift", "billing.BankLine"], "a log"),
    **dict.fromkeys(["clients.ApiToken", "clients.ApiCredential"], "made and revoked, never changed: in the activity log"),
    "billing.Charge": "its invoice",
    "billing.SubscriptionChange": "its service",
    "billing.Transfer": "its service",
}


def test_every_noun_of_the_console_has_a_history():
    """Beside its page, or beside its form where that is all it has."""
    staff = [route for route in routes() if route.is_staff and isinstance(route.view, type)]
    told = {route.view.model._meta.label for route in staff if route.noun.endswith("_history") and hasattr(route.view, "model")}
    told |= {"clients.Client"}  # composed by the roof
    listed = {route.view.model._meta.label for route in staff if issubclass(route.view, StaffListView)}
    assert listed - told == set(ELSEWHERE)
    names = {route.name for route in staff}
    forms = {route.name.removesuffix("_edit") for route in staff if route.name.endswith("_edit") and route.arguments == ["pk"]}
    pages = {name.removesuffix(end) for name in names for end in ("_detail", "_history") if name.endswith(end)}
    assert forms - pages == {"clients_staff:member"}  # rights of a person in an account, told on the client's page


@pytest.mark.parametrize(
    ("page", "make", "may"),
    [
        ("billing_staff:tax_rate", lambda: make_tax_rate(), "billing.tax_rate.edit"),
        ("billing_staff:product", lambda: Product.objects.first(), "billing.product.view"),
        ("clients_staff:role", lambda: StaffRole.objects.create(code="x", name="X"), "clients.user.view clients.user.edit"),
        ("rule", lambda: Rule.objects.first(), "core.rule.view"),
    ],
    ids=["tax rate", "product", "role", "rule"],
)
def test_a_form_has_the_history_of_its_object_beside_it(client, invoice, page, make, may):
    obj = make()
    row = change(obj._meta.label_lower, {"name": ["Before it", "Behind it"]}, object_id=obj.pk, reason="Because", ip="203.0.113.9")
    other = change(obj._meta.label_lower, {}, object_id=obj.pk + 1, reason="Another one")
    url = reverse(f"{page}_history", args=[obj.pk])
    assert f'href="{url}"' in stella(client).get(reverse(f"{page}_edit", args=[obj.pk])).content.decode()
    body = client.get(url).content.decode()
    for words in ("Before it", "Behind it", "Because", "203.0.113.9", moment_words(row.at), f"object={obj._meta.label_lower}%3A{obj.pk}"):
        assert words in body, words
    assert other.reason not in body
    assert client.get(reverse(f"{page}_history", args=[0])).status_code == 404
    role = StaffRole.objects.create(code="looker", name="Looker", permissions=may.split())
    client.force_login(make_staff(role.code))
    body = client.get(url).content.decode()
    assert "Behind it" in body
    assert "203.0.113.9" not in body and "/staff/activity/" not in body
    role.permissions = ["billing.payment.view"]
    role.save()
    assert client.get(url).status_code == 403
