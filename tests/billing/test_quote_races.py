"""Several at once say yes, deliver and invoice the rest: each happens once."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.actions.quote import Offered, create_quote, deliver_quote
from billing.actions.quote_acceptance import Signing, accept_quote
from billing.actions.quote_conversion import convert_quote, invoice_rest
from billing.models import Invoice, Order, QuoteSignature, Subscription
from billing.queries.books import verify
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_product
from tests.billing.test_races import at_once, bugs

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_tabs_make_one_of_everything():
    product = make_product()
    lines = [Offered("Hosting", D(8), product=product, cycle="monthly"), Offered("Move", D(100))]
    values = {"subject": "x", "currency": "EUR", "valid_until": clock.today() + timedelta(days=9), "company": "New", "email": "n@n.example",
              "deposit_kind": "percent", "deposit_value": D(50)}  # fmt: skip
    draft = create_quote(lines, actor=SYSTEM, **values)
    delivered = at_once(*[lambda: deliver_quote(draft, actor=SYSTEM)] * 3)
    assert not bugs(delivered) and len({quote.number for quote in delivered}) == 1
    signing = Signing("Nour Haddad", "Yes.", "link")
    results = at_once(*[lambda: accept_quote(draft, signing, actor=SYSTEM)] * 4)
    assert not bugs(results) and not [result for result in results if isinstance(result, Exception)]
    quote = results[0]
    assert not bugs(at_once(*[lambda: convert_quote(quote, actor=SYSTEM)] * 2, *[lambda: invoice_rest(quote, actor=SYSTEM)] * 3))
    assert [model.objects.count() for model in (QuoteSignature, Client, Order, Subscription)] == [1, 1, 1, 1]
    assert sorted(Invoice.objects.values_list("state", flat=True)) == ["issued", "issued"]
    assert sum(invoice.total_amount for invoice in Invoice.objects.all()) == quote.total_amount
    assert not verify()
