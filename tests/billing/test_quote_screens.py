"""Quotes on screen: the editor, the signed link, the client area, and who may do what."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.quote import Offered, create_quote, deliver_quote, hold_quote, revise_quote, revoke_quote_link
from billing.models import BillableItem, Invoice, Order, Quote
from billing.queries.quote_link import quote_token
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Message
from tests.billing.factories import make_product, make_tax_rate
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db
SIGN = {"verb": "accept", "name": "Alice Hossain", "agree": "on"}


@pytest.fixture
def cast(db):
    """With logins, and tax."""
    make_tax_rate()
    return make_cast()


@pytest.fixture
def stella(client, cast):
    """Her browser."""
    client.force_login(cast.stella)
    return client


def deliver(cast, *lines, **fields):
    """To Alice."""
    values = {"subject": "A move", "currency": cast.alice_client.currency, "valid_until": clock.today() + timedelta(days=9)}
    lines = lines or (Offered("Work", D(100)),)
    return deliver_quote(create_quote(list(lines), client=cast.alice_client, actor=SYSTEM, **(values | fields)), actor=SYSTEM)


def form(*lines, **more):
    """What the editor posts: dicts of the lines' fields."""
    data = {"subject": "A move", "valid_until": (clock.today() + timedelta(days=9)).isoformat(), "deposit_kind": "",
            "rest_when": "delivery", "lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0}  # fmt: skip
    for index, line in enumerate(lines):
        values = {"product": "", "description": "", "quantity": "1", "unit_amount": "", "tax_class": "standard"} | line
        data |= {f"lines-{index}-{name}": value for name, value in values.items()}
    return data | more


def link(quote):
    """The signed address."""
    return reverse("store:quote", args=[quote_token(quote)])


def test_editor_writes_delivers_and_mails(stella, cast, drain):
    product = make_product(prices={"monthly": ("10.00", "5.00")}, currency=cast.alice_client.currency)
    address = f"{reverse('billing_staff:quote_create')}?client={cast.alice_client.pk}"
    data = form({"description": "Work", "quantity": "2", "unit_amount": "100", "discount_percent": "10"},
                {"product": f"{product.pk}:monthly"})  # fmt: skip
    checked = stella.post(address, data | {"verb": "check"})
    assert checked.context["sums"].net_amount == D(195)
    assert not Quote.objects.exists()
    edit = stella.post(address, data).url
    quote = Quote.objects.get()
    assert (quote.state, quote.net_amount, quote.client) == ("draft", D(195), cast.alice_client)
    assert stella.get(edit).status_code == 200
    assert stella.post(edit, data | {"verb": "deliver"}).url == quote.get_absolute_url()
    drain()
    mail = Message.objects.get(kind="billing.quote_delivered")
    assert mail.to_email == cast.alice_client.email and "/quote/" in mail.text
    assert stella.get(reverse("billing_staff:quote_pdf", args=[quote.pk])).content.startswith(b"%PDF")
    assert stella.get(edit).url == quote.get_absolute_url()


@pytest.mark.parametrize(
    ("line", "more", "field"),
    [({"description": "Work"}, {}, "unit_amount"), ({"unit_amount": "5"}, {}, "description"),
     ({"description": "Work", "unit_amount": "5", "quantity": "-1"}, {}, "quantity"),
     ({"description": "Work", "unit_amount": "5", "discount_percent": "101"}, {}, "discount_percent"),
     ({"description": "Work", "unit_amount": "9999999999", "quantity": "9999"}, {}, "unit_amount"),
     ({"description": "Work", "unit_amount": "5"}, {"valid_until": "2020-01-01"}, "valid_until"),
     ({"description": "Work", "unit_amount": "5"}, {"deposit_kind": "percent", "deposit_value": "100"}, "deposit_value"),
     ({"description": "Work", "unit_amount": "5"}, {"deposit_kind": "amount", "deposit_value": "900"}, "deposit_value")],
)  # fmt: skip
def test_bad_input_is_named_beside_its_field_and_kept(stella, cast, line, more, field):
    address = f"{reverse('billing_staff:quote_create')}?client={cast.alice_client.pk}"
    answer = stella.post(address, form(line, **more))
    assert answer.status_code == 422
    errors = dict(answer.context["form"].errors)
    for row in answer.context["lines"]:
        errors |= row.errors
    assert field in errors and not Quote.objects.exists()
    assert line.get("description", "") in answer.content.decode()


def test_for_somebody_new(stella, cast):
    address = f"{reverse('billing_staff:quote_create')}?prospect=1"
    who = {"company": "Fjellro", "email": "", "country": "NO", "language": "en", "currency": "EUR"}
    data = form({"description": "Work", "unit_amount": "100"})
    assert "email" in stella.post(address, data | who).context["prospect"].errors
    stella.post(address, data | who | {"email": "r@fjellro.example"})
    quote = Quote.objects.get()
    assert (quote.client, quote.company, quote.addressee_name) == (None, "Fjellro", "Fjellro")
    assert stella.get(quote.get_absolute_url()).status_code == 200


def test_link_reads_and_signs_without_signing_in(client, cast, drain):
    quote = deliver(cast)
    address = link(quote)
    assert b"Sign and order" in client.get(address).content
    assert client.post(address, {"verb": "accept", "name": "A"}).status_code == 422
    assert client.post(address, SIGN, headers={"User-Agent": "Firefox"}).url == address
    assert client.post(address, SIGN | {"name": "Mallory"}).url == address
    quote.refresh_from_db()
    evidence = quote.signature
    assert (quote.state, evidence.signed_name, evidence.way, evidence.user_agent) == ("accepted", "Alice Hossain", "link", "Firefox")
    assert evidence.ip_address == "127.0.0.1" and quote.number in evidence.agreed_text
    assert Invoice.objects.count() == 1 and "/pay/" in client.get(link(quote)).context["pay_url"]
    drain()
    assert Message.objects.filter(kind="billing.quote_signed").count() == 1
    assert quote.looks == 1 and quote.first_look_at


def test_link_is_revoked_tampered_or_of_a_draft(client, cast):
    quote = deliver(cast)
    address = link(quote)
    assert client.get(address[:-3] + "xx/").status_code == 404
    assert client.get(link(revise_quote(quote, actor=SYSTEM))).status_code == 404
    revoke_quote_link(quote, actor=SYSTEM)
    assert client.get(address).status_code == 404
    assert client.post(address, SIGN).status_code == 404
    quote.refresh_from_db()
    assert client.get(link(quote)).status_code == 200


def test_no_by_the_link(client, cast, drain):
    quote = deliver(cast)
    client.post(link(quote), {"verb": "decline", "reason": "Too dear"})
    quote.refresh_from_db()
    assert (quote.state, quote.lost_reason) == ("lost", "Too dear")
    assert client.post(link(quote), SIGN).status_code == 422
    drain()
    assert "Too dear" in Message.objects.get(kind="billing.quote_declined").text


def test_products_are_asked_about_when_signing(client, cast):
    product = make_product(kind="hosting", currency=cast.alice_client.currency)
    quote = deliver(cast, Offered("Hosting", D(8), product=product, cycle="monthly"))
    name = f"line-{quote.lines.get().pk}-domain"
    assert name in client.get(link(quote)).content.decode()
    assert client.post(link(quote), SIGN).status_code == 422
    assert client.post(link(quote), SIGN | {name: "not a domain"}).status_code == 422
    client.post(link(quote), SIGN | {name: "weaves.example"})
    line = Order.objects.get().lines.get()
    assert (line.label, line.subscription.price_amount) == ("weaves.example", D(8))


def test_client_area_shows_own_and_given_out_alone(client, cast):
    mine = deliver(cast)
    draft = revise_quote(mine, actor=SYSTEM)
    client.force_login(cast.alice)
    listed = client.get(reverse("billing_portal:quote_list")).content.decode()
    assert mine.number in listed and "v2" not in listed
    assert client.get(reverse("billing_portal:quote_detail", args=[draft.pk])).status_code == 404
    client.post(reverse("billing_portal:quote_detail", args=[mine.pk]), SIGN)
    mine.refresh_from_db()
    assert mine.signature.way == "account"
    client.force_login(cast.charlie)
    for name in ("quote_detail", "quote_pdf"):
        assert client.get(reverse(f"billing_portal:{name}", args=[mine.pk])).status_code == 404
    client.force_login(cast.bob)
    assert client.get(reverse("billing_portal:quote_list")).status_code == 403


def test_staff_note_a_yes_even_on_hold(stella, cast):
    quote = hold_quote(deliver(cast), actor=SYSTEM)
    address = reverse("billing_staff:quote_accept", args=[quote.pk])
    assert stella.post(address, {"name": "Alice Hossain"}).status_code == 422
    assert stella.post(address, {"name": "Alice Hossain", "told": "By phone on Monday"}).status_code == 302
    quote.refresh_from_db()
    assert (quote.state, quote.signature.way, quote.signature.agreed_text) == ("accepted", "staff", "By phone on Monday")


def test_lookers_cannot_accept(client, cast):
    client.force_login(make_staff("read-only"))
    quote = deliver(cast)
    assert client.get(quote.get_absolute_url()).status_code == 200
    for name in ("accept", "deliver", "revoke", "dead"):
        assert client.post(reverse(f"billing_staff:quote_{name}", args=[quote.pk])).status_code == 403


def test_many_items_are_invoiced_by_client(stella, cast):
    for owner in (cast.alice_client, cast.alice_client, cast.charlie_client):
        address = f"{reverse('billing_staff:billable_create')}?client={owner.pk}"
        data = {"client": owner.pk, "description": "Hours", "unit_kind": "hours", "quantity": "1.5", "unit_amount": "80",
                "tax_class": "standard", "action": "not_yet", "every_unit": "months"}  # fmt: skip
        assert stella.post(address, data).status_code == 302
    ids = list(BillableItem.objects.values_list("pk", flat=True))
    for _click in range(2):
        stella.post(reverse("billing_staff:billable_list"), {"do": "bulk", "bulk": "invoice", "ids": ids})
    assert sorted(invoice.lines.count() for invoice in Invoice.objects.all()) == [1, 2]
