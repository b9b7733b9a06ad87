"""Billing's pages in the console: who sees them, what forms refuse, what verbs do, how many queries a list costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Invoice, Payment, Price, Product, ProductGroup, Refund, TaxRate
from hostbill.core import clock
from hostbill.core.models import Change, Message
from hostbill.core.rules import seed_defaults
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db
LISTS = ["order_list", "invoice_list", "payment_list", "payment_match", "subscription_list", "product_list", "product_create",
         "product_group_list", "product_group_create", "tax_rate_list", "tax_rate_create", "invoice_create"]  # fmt: skip


@pytest.fixture
def cast(db):
    """All four people: pages need logins."""
    return make_cast()


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


def page(browser, name, *args, **params):
    """The answer to a GET of one of billing's pages."""
    return browser.get(reverse(f"billing_staff:{name}", args=args), params)


@pytest.mark.parametrize("name", LISTS)
def test_lists_open_empty_and_refuse_clients(name, client, cast):
    client.force_login(cast.stella)
    assert page(client, name).status_code == 200
    client.force_login(cast.alice)
    assert page(client, name).status_code == 403
    client.logout()
    assert page(client, name).status_code == 302


def test_every_object_page_opens(staff, cast):
    rate = make_tax_rate()
    subscription = active_subscription(cast.alice_client)
    order = make_order(cast.alice_client)
    payment, product = Payment.objects.get(), Product.objects.first()
    pages = [
        ("order_detail", order), ("order_accept", order), ("order_cancel", order),
        ("invoice_detail", order.invoice), ("invoice_pay", order.invoice), ("invoice_charge", order.invoice),
        ("invoice_cancel", order.invoice), ("payment_detail", payment), ("payment_refund", payment),
        ("subscription_detail", subscription), ("subscription_suspend", subscription), ("subscription_cancel", subscription),
        ("subscription_price", subscription), ("product_edit", product), ("product_group_edit", product.group),
        ("tax_rate_edit", rate), ("journal_entry_detail", order.invoice.entries.get()),
        ("journal_entry_history", order.invoice.entries.get()),
    ]  # fmt: skip
    for name, obj in pages:
        assert page(staff, name, obj.pk).status_code == 200, name
        assert page(staff, name, 999_999).status_code == 404, name


def test_read_only_staff_see_but_cannot_act(client, cast):
    invoice = make_order(cast.alice_client).invoice
    client.force_login(make_staff("read-only"))
    shown = page(client, "invoice_detail", invoice.pk)
    assert shown.status_code == 200
    assert reverse("billing_staff:invoice_cancel", args=[invoice.pk]) not in shown.content.decode()
    assert page(client, "invoice_cancel", invoice.pk).status_code == 403


def test_lists_cost_the_same_with_more_rows(staff, cast):
    def cost(name):
        with CaptureQueriesContext(connection) as seen:
            assert page(staff, name, tab="all").status_code == 200
        return len(seen)

    names = ["order_list", "invoice_list", "payment_list", "subscription_list", "product_list"]
    active_subscription(cast.alice_client)
    for name in names:
        page(staff, name, tab="all")
    before = {name: cost(name) for name in names}
    for _number in range(4):
        active_subscription(cast.charlie_client)
    assert {name: cost(name) for name in names} == before


def test_a_payment_is_recorded_and_its_invoice_paid(staff, cast):
    invoice = make_order(cast.alice_client).invoice
    url = reverse("billing_staff:invoice_pay", args=[invoice.pk])
    tomorrow = clock.today() + timedelta(days=1)
    bad = staff.post(url, {"amount": "10", "reference": "B-1", "received_on": tomorrow.isoformat()})
    assert bad.status_code == 422 and not Payment.objects.exists()
    good = {"amount": f"{invoice.open_amount:.2f}", "reference": "B-1", "received_on": clock.today().isoformat()}
    assert staff.post(url, good).status_code == 302
    invoice.refresh_from_db()
    assert invoice.state == "paid"


def test_bank_line_finds_its_invoice_and_is_booked_once(staff, cast):
    invoice = make_order(cast.alice_client).invoice
    make_order(cast.charlie_client)
    url = reverse("billing_staff:payment_match")
    line = {
        "amount": "10.00",
        "currency": "EUR",
        "reference": f"Thanks {invoice.number}",
        "received_on": clock.today().isoformat(),
    }
    found = staff.get(url, line).context["found"]["invoices"]
    assert found[0].invoice == invoice and found[0].by_reference
    for _twice in range(2):
        assert staff.post(url, {**line, "invoice": invoice.pk}).status_code == 302
    assert Payment.objects.count() == 1


def test_refund_cannot_exceed_what_is_left(staff, cast):
    invoice = make_order(cast.alice_client).invoice
    payment = pay(invoice)
    url = reverse("billing_staff:payment_refund", args=[payment.pk])
    data = {"source": "invoice", "reason": "Wrong plan"}
    assert staff.post(url, {**data, "amount": "9999"}).status_code == 422
    assert not Refund.objects.exists()
    assert staff.post(url, {**data, "amount": "3.00"}).status_code == 302
    assert Refund.objects.get().amount == Decimal("3.00")


def test_manual_invoice_with_lines_and_totals(staff, cast):
    make_tax_rate("19")
    url = f"{reverse('billing_staff:invoice_create')}?client={cast.alice_client.pk}"
    due = (clock.today() + timedelta(days=10)).isoformat()
    data = {"due_on": due, "lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "0",
            "lines-0-description": "Migration", "lines-0-quantity": "2", "lines-0-unit_amount": "50", "lines-0-tax_class": "standard",
            "lines-1-description": "", "lines-1-quantity": "1", "lines-1-unit_amount": "", "lines-1-tax_class": "standard"}  # fmt: skip
    checked = staff.post(url, {**data, "verb": "check"})
    assert str(checked.context["totals"]["total"].amount) == "119.00"
    assert not Invoice.objects.exists()
    assert staff.post(url.replace("client=", "client=9"), data).status_code == 404
    assert staff.post(url, {**data, "lines-0-description": "", "lines-0-unit_amount": ""}).status_code == 422
    assert staff.post(url, data).status_code == 302
    assert Invoice.objects.get().total_amount == Decimal("119.00")
    assert len(staff.post(url, {**data, "verb": "more"}).context["lines"].forms) == 3


def test_reminder_goes_out_once_a_day(staff, cast):
    invoice = make_order(cast.alice_client).invoice
    url = reverse("billing_staff:invoice_list")
    for _twice in range(2):
        staff.post(url, {"bulk": "remind", "ids": [invoice.pk]})
    assert Message.objects.filter(kind="billing.invoice_reminder").count() == 1
    assert Change.objects.filter(action="billing.invoice_reminded").count() == 1


def grid(**cells):
    """The other fields of the product form."""
    group = ProductGroup.objects.get_or_create(slug="shelf", defaults={"name": "Shelf"})[0]
    return {"name": "Tiny", "slug": "tiny", "group": group.pk, "kind": "other", "features": "One\nTwo", "setup_on": "payment",
            "tax_class": "standard", "sort": "1", "verb": "save", **cells}  # fmt: skip


def test_product_with_prices_in_one_grid(staff):
    url = reverse("billing_staff:product_create")
    assert staff.post(url, grid(amount_EUR_monthly="-1")).status_code == 422
    assert staff.post(url, grid(setup_EUR_monthly="5")).status_code == 422
    assert (
        staff.post(url, grid(amount_EUR_monthly="4.90", setup_EUR_monthly="5", amount_EUR_annual="0")).status_code
        == 302
    )
    product = Product.objects.get(slug="tiny")
    assert product.features == ["One", "Two"]
    assert set(product.prices.values_list("cycle", "amount", "setup_amount")) == {
        ("monthly", Decimal("4.90"), Decimal(5)), ("annual", Decimal(0), Decimal(0)),
    }  # fmt: skip
    edit = reverse("billing_staff:product_edit", args=[product.pk])
    assert staff.post(edit, grid(amount_EUR_monthly="6")).status_code == 302
    assert list(Price.objects.filter(product=product).values_list("amount", flat=True)) == [Decimal(6)]
    assert Change.objects.filter(action="billing.prices_changed").count() == 2


def test_suspend_and_resume(staff, cast):
    subscription = active_subscription(cast.alice_client, make_product())
    staff.post(
        reverse("billing_staff:subscription_suspend", args=[subscription.pk]), {"kind": "abuse", "reason": "Spam"}
    )
    subscription.refresh_from_db()
    assert subscription.state == "suspended"
    assert "Spam" in page(staff, "subscription_detail", subscription.pk).content.decode()
    staff.post(reverse("billing_staff:subscription_resume", args=[subscription.pk]), {"reason": "Cleaned"})
    subscription.refresh_from_db()
    assert subscription.state == "active"


def test_tax_rate_refuses_nonsense(staff):
    url = reverse("billing_staff:tax_rate_create")
    place = {"tax_class": "standard", "country": "de", "valid_from": "2027-01-01"}
    data = {"name": "VAT", "percent": "19", "category": "S", "step": "1", **place}
    unexplained, over = {"category": "E", "percent": "0"}, {"valid_until": "2026-12-31"}
    for nonsense in ({"percent": "190"}, unexplained, {"step": "0"}, {"country": "d1"}, over):
        answer = staff.post(url, data | nonsense)
        assert answer.status_code == 422 and len(answer.context["form"].errors) == 1, nonsense
    assert staff.post(url, data).status_code == 302
    assert TaxRate.objects.get().country == "DE"


def test_resume_until_a_day_brings_it_back_and_holds_the_rules(staff, cast, move_clock):
    """A promise to pay: it runs until then, is not suspended meanwhile, and is suspended again when it was not kept."""
    seed_defaults()
    subscription = active_subscription(cast.alice_client)
    move_clock(50)
    subscription.refresh_from_db()
    assert subscription.state == "suspended"
    staff.force_login(cast.stella)  # the sign-in is fifty days old by now
    url = reverse("billing_staff:subscription_stay", args=[subscription.pk])
    assert staff.post(url, {"until": (clock.today() - timedelta(days=1)).isoformat(), "reason": "late"}).status_code == 422
    until = clock.today() + timedelta(days=3)
    assert staff.post(url, {"until": until.isoformat(), "reason": "Pays on Friday"}).status_code == 302
    subscription.refresh_from_db()
    assert subscription.state == "active"
    move_clock(3)
    subscription.refresh_from_db()
    assert subscription.state == "active"
    move_clock(2)
    subscription.refresh_from_db()
    assert subscription.state == "suspended"


def test_a_suspension_with_a_last_day_says_what_the_job_does(staff, cast, move_clock):
    """Up to and including the day; the night after lifts it."""
    subscription = active_subscription(cast.alice_client)
    url = reverse("billing_staff:subscription_suspend", args=[subscription.pk])
    assert "up to and including" in staff.get(url).content.decode()
    past = {"kind": "manual", "reason": "x", "until": (clock.today() - timedelta(days=1)).isoformat()}
    assert staff.post(url, past).status_code == 422
    staff.post(url, past | {"until": (clock.today() + timedelta(days=1)).isoformat()})
    move_clock(1)
    subscription.refresh_from_db()
    assert subscription.state == "suspended"
    move_clock(2)  # past the night after, whatever the hour is now: the job runs at half past midnight
    subscription.refresh_from_db()
    assert subscription.state == "active"
