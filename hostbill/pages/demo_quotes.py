"""The demo's quotes and billable items: one waits for an answer, one is signed with a deposit, one is for somebody new."""

from datetime import timedelta
from decimal import Decimal

from billing.actions.billable import create_billable
from billing.actions.quote import Offered, create_quote, deliver_quote
from billing.actions.quote_acceptance import Signing, accept_quote
from billing.models import BillableItem, Product, Quote
from billing.queries.price import price_for
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain

NEWCOMER = {
    "company": "Fjellro Hytter", "first_name": "Ragnhild", "last_name": "Moen", "email": "ragnhild@fjellro.example",
    "address1": "Storgata 12", "postcode": "2390", "city": "Moelv", "country": "NO", "language": "en",
}  # fmt: skip


def load() -> None:
    """Nothing when there are some."""
    if Quote.objects.exists():
        return
    _deliver("brandt", "Move of the shop to a bigger server", _move("scale"), introduction="As we spoke about on Monday.")
    kept = _deliver("sundarban", "New web shop", _shop(), deposit_kind="percent", deposit_value=Decimal(40), rest_days=30)
    accept_quote(kept, Signing("Tanvir Hossain", "I accept this quote and order what it offers.", "account"), actor=SYSTEM)
    draft = _values("Hosting of eleven cabins", "EUR") | NEWCOMER
    create_quote(_move("grow"), actor=SYSTEM, **draft)
    _items(_client("brandt"))
    drain()


def _client(word: str) -> Client:
    return Client.objects.get(email__icontains=word)


def _values(subject: str, currency: str) -> dict:
    return {"subject": subject, "currency": currency, "valid_until": clock.today() + timedelta(days=30)}


def _deliver(word: str, subject: str, lines: list[Offered], **more) -> Quote:
    client = _client(word)
    quote = create_quote(lines, client=client, actor=SYSTEM, **_values(subject, client.currency) | more)
    return deliver_quote(quote, actor=SYSTEM)


def _move(slug: str) -> list[Offered]:
    product = Product.objects.get(slug=slug)
    price = price_for(product, "EUR", "annual")
    return [
        Offered(product.name, price.amount, discount_percent=Decimal(10), product=product, cycle="annual"),
        Offered("Move of all sites and mailboxes, at night", Decimal("95.00"), Decimal("3.5")),
    ]


def _shop() -> list[Offered]:
    return [
        Offered("Set-up of the shop with payment and delivery", Decimal("95.00"), Decimal(24)),
        Offered("Design of the product pages", Decimal("720.00"), discount_percent=Decimal("12.5")),
    ]


def _items(client: Client) -> None:
    """Hours for the next invoice, and a fee that comes each month."""
    common = {"client": client, "actor": SYSTEM, "tax_class": "standard"}
    Action = BillableItem.Action
    create_billable(**common, description="Restore of a mailbox from the backup", worked_on=clock.today(), quantity=Decimal("1.5"),
                    unit_amount=Decimal("80.00"), action=Action.NEXT_INVOICE)  # fmt: skip
    create_billable(**common, description="Care of the shop: updates and a look each week", unit_kind="quantity",
                    unit_amount=Decimal("49.00"), action=Action.RECURRING, first_on=clock.today() + timedelta(days=20))  # fmt: skip
    create_billable(**common, description="Advice about delivery of newsletters", worked_on=clock.today(), quantity=Decimal("0.75"),
                    unit_amount=Decimal("80.00"), action=Action.NOT_YET)  # fmt: skip
