"""Reports agree with the ledger to the cent, and the files with the screens."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.urls import reverse

from billing.actions.invoice import cancel_invoice
from billing.actions.recognition import recognise
from billing.models import ExchangeRate, Posting, Subscription
from billing.queries import reports
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


@pytest.fixture
def year(cast):
    """Sales of three products, one of which was cancelled again, one with a set-up fee and one for a year."""
    make_tax_rate()
    make_tax_rate("7", tax_class="reduced")
    active_subscription(cast.alice_client, make_product(name="Business"))
    active_subscription(cast.charlie_client, make_product(name="Yearly"), cycle="annual")
    make_order(cast.alice_client, make_product(name="Reduced", tax_class="reduced", prices={"monthly": ("20.00", "5.00")}))
    gone = make_order(cast.alice_client, make_product(name="Withdrawn"))
    cancel_invoice(gone.invoice, actor=SYSTEM, reason="by mistake")
    return clock.today().year


def booked(family) -> Decimal:
    """What the ledger has under these accounts."""
    rows = Posting.objects.filter(ledger_account__code__startswith=family, currency="EUR")
    return -rows.aggregate(total=Sum("amount"))["total"]


def test_sums_are_those_of_the_ledger(year):
    """Income and products equal revenue; taxes equal the tax accounts, by rate."""
    income = sum(sum(values) for _kind, values in reports.income("EUR", year))
    products = sum(sum(values) for values in reports.by_product("EUR", year).values())
    assert income == products == booked("revenue:") + booked("deferred:") == Decimal("135.00")
    recognise(date(clock.today().year + 1, 12, 31))
    later = sum(sum(values) for year_ in (year, year + 1) for _kind, values in reports.earned("EUR", year_))
    assert later == booked("revenue:") == Decimal("135.00") and booked("deferred:") == 0
    assert income == sum(sum(values) for _kind, values in reports.income("EUR", year))
    taxes = {percent: sum(values) for _class, percent, values in reports.taxes("EUR", year)}
    assert taxes == {Decimal("19"): Decimal("20.90"), Decimal("7"): Decimal("1.75")}
    assert sum(taxes.values()) == booked("tax:")


def test_what_was_cancelled_leaves_nothing(year):
    """The withdrawn product counts zero in its month, not a sale."""
    names = {values[clock.today().month - 1] for values in reports.by_product("EUR", year).values()}
    assert Decimal(0) in names


def test_recurring_counts_long_cycles_by_the_month(year):
    """10 a month and 100 a year; what ended is lost."""
    month = clock.today().month
    line = reports.recurring("EUR", year)[month - 1]
    assert (line.new, line.lost, line.running) == (Decimal("18.33"), Decimal(0), Decimal("18.33"))
    Subscription.objects.filter(cycle="monthly", state="active").update(state="ended", ended_on=clock.today())
    line = reports.recurring("EUR", year)[month - 1]
    assert (line.lost, line.running) == (Decimal("10.00"), Decimal("8.33"))


@pytest.mark.parametrize("key", ["income", "earned", "products", "recurring", "overdue", "taxes"])
def test_screen_and_file_agree(staff, year, key):
    """Each report opens and its CSV has the same rows."""
    url = reverse("staff_reports")
    page = staff.get(url, {"report": key})
    assert page.status_code == 200
    answer = staff.get(url, {"report": key, "export": "csv"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == [str(head) for head in page.context["report"].heads]
    shown = [[name, *(str(value.amount) for value in values)] for name, values in page.context["rows"]]
    as_numbers = [[line[0], *(f"{Decimal(cell)}" for cell in line[1:])] for line in lines[1 : len(shown) + 1]]
    assert [[row[0], *map(Decimal, row[1:])] for row in as_numbers] == [[row[0], *map(Decimal, row[1:])] for row in shown]


def test_all_currencies_together_at_the_rates_of_a_day(staff, year):
    """About, with the day; a currency without a rate is named."""
    assert staff.get(reverse("staff_reports")).context["together"] is None
    for currency in ("USD", "CHF"):
        person = ClientFactory(currency=currency)
        make_order(person, make_product(currency=currency, prices={"monthly": ("10.00", "0")}), currency=currency)
    ExchangeRate.objects.create(base="EUR", currency="USD", on=clock.today(), rate=Decimal("1.25"))
    page = staff.get(reverse("staff_reports"), {"currency": "USD"})
    assert page.context["together"].money == Money(Decimal("143.00"), "EUR")
    assert page.context["together"].missing == ["CHF"]
    assert "All currencies together: about" in page.content.decode() and "Left out, for want of a rate: CHF" in page.content.decode()


def test_only_those_who_may_see_the_ledger(client, cast, staff):
    """Support agents see billing, but clients do not; nonsense in the address is met."""
    assert staff.get(reverse("staff_reports"), {"report": "nonsense"}).status_code == 404
    assert staff.get(reverse("staff_reports"), {"year": "99999", "currency": "XXX"}).status_code == 200
    client.force_login(cast.alice)
    assert client.get(reverse("staff_reports")).status_code == 403
