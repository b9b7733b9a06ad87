"""Links by which an invoice, or several of one client, can be paid without signing in: signed, limited in time, withdrawn
per invoice by staff, and all at once when the secret changes."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from billing.models import Invoice
from billing.options import PAY_LINK_DAYS
from hostbill.core.money import Money

SALT = "billing.pay_link"
#: Invoices of one payment: their list has to fit into a link.
AT_ONCE = 50


def total_of(invoices: list[Invoice]) -> Money:
    """What is open on them together; there is at least one."""
    return sum((invoice.open for invoice in invoices[1:]), invoices[0].open)


def pay_token(*invoices: Invoice) -> str:
    """The signed part of the link: the invoices and, where links were withdrawn before, how often."""
    ids = [
        [invoice.pk, invoice.pay_link_generation] if invoice.pay_link_generation else invoice.pk for invoice in invoices
    ]
    return signing.dumps(ids[0] if ids == [invoices[0].pk] else ids, salt=SALT)


def pay_url(*invoices: Invoice) -> str:
    """The whole address, for mails."""
    return settings.SITE_URL + reverse("store:pay", args=[pay_token(*invoices)])


def invoices_of_token(token: str) -> list[Invoice]:
    """The invoices, those longest due first; none for a tampered, expired or withdrawn link, for drafts, and for invoices that
    do not belong to one client."""
    try:
        ids = signing.loads(token, salt=SALT, max_age=timedelta(days=PAY_LINK_DAYS.value))
    except signing.BadSignature:
        return []
    signed = _generations(ids)
    rows = Invoice.objects.issued().select_related("client", "account").filter(pk__in=signed).order_by("due_on", "pk")
    found = list(rows)
    if any(invoice.pay_link_generation != signed[invoice.pk] for invoice in found):
        return []
    return found if len({row.account_id for row in found}) == 1 else []


def _generations(ids) -> dict[int, int]:
    """{invoice: how often its links had been withdrawn when this one was made}; empty for what we never signed."""
    entries = ids if isinstance(ids, list) else [ids]
    pairs = [entry if isinstance(entry, list) else [entry, 0] for entry in entries]
    if not all(len(pair) == 2 and all(isinstance(part, int) for part in pair) for pair in pairs):
        return {}
    return dict(pairs)
