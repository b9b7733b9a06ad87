"""The link to a quote that needs no sign-in: signed, and revoked by counting up the quote's serial."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from billing.models import Quote

SALT = "billing.quote_link"


def quote_token(quote: Quote) -> str:
    """The signed part of the link."""
    return signing.dumps([quote.pk, quote.link_serial], salt=SALT)


def quote_url(quote: Quote) -> str:
    """The whole address, for mails and documents."""
    return settings.SITE_URL + reverse("store:quote", args=[quote_token(quote)])


def quote_of_token(token: str) -> Quote | None:
    """The quote; None for a tampered or revoked link, and for drafts."""
    try:
        pk, serial = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Quote.objects.delivered().select_related("client", "invoice", "rest_invoice", "order")
    return rows.filter(pk=pk, link_serial=serial).exclude(state="draft").first()
