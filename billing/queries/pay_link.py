"""Links by which one invoice can be paid without signing in: signed, limited in time, revoked when the secret changes."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from billing.models import Invoice
from billing.options import PAY_LINK_DAYS

SALT = "billing.pay_link"


def pay_token(invoice: Invoice) -> str:
    """The signed part of the link."""
    return signing.dumps(invoice.pk, salt=SALT)


def pay_url(invoice: Invoice) -> str:
    """The whole address, for mails."""
    return settings.SITE_URL + reverse("store:pay", args=[pay_token(invoice)])


def invoice_of_token(token: str) -> Invoice | None:
    """The invoice, or None for a tampered or expired link and for drafts."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=timedelta(days=PAY_LINK_DAYS.value))
    except signing.BadSignature:
        return None
    if not isinstance(pk, int):
        return None
    return Invoice.objects.issued().select_related("client", "account").filter(pk=pk).first()
