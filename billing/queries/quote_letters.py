"""What the mails about quotes and statements say, as plain data."""

from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from billing.models import Quote, StatementSent
from hostbill.core.localized import Spoken, date_text, percent_text, period_text
from hostbill.core.money import Money

from .quote_document import again_words
from .quote_link import quote_url
from .statement import statements_of


def quote_letter(quote: Quote) -> dict:
    """A quote with its lines and the link to sign it."""
    return {
        "number": str(quote),
        "reference": str(quote),
        "client_name": quote.addressee_name,
        "subject": quote.subject,
        "introduction": quote.introduction,
        "amount": quote.total,
        "valid_until": quote.valid_until,
        "quote_url": quote_url(quote),
        "facts": {
            "label": gettext_lazy("Total"),
            "value": quote.total,
            "side_label": gettext_lazy("Valid until"),
            "side_value": Spoken(lambda language: date_text(quote.valid_until, language, weekday=True)),
        },
        "lines": _lines(quote),
    }


def _lines(quote: Quote) -> dict:
    rows = []
    for line in quote.lines.all():
        rows.append({"text": line.description, "note": _note(line), "amount": line.net})
        if not line.setup.is_zero:
            rows.append({"text": gettext_lazy("Set-up"), "note": line.description, "amount": line.setup})
    sums = [{"text": gettext_lazy("Net"), "amount": quote.net}]
    sums += [{"text": _tax_words(row), "amount": Money(Decimal(row["tax"]), quote.currency)} for row in quote.taxes]
    return {
        "title": gettext_lazy("What we offer"),
        "amount_title": gettext_lazy("Amount"),
        "rows": rows,
        "sums": sums,
        "total": {"text": gettext_lazy("Total"), "amount": quote.total},
    }


def _note(line) -> Spoken | str:
    return Spoken(lambda language: again_words(line, language)) if line.product_id and line.cycle else ""


def _tax_words(row: dict) -> Spoken:
    return Spoken(lambda language: f"{row['name']} {percent_text(Decimal(row['percent']), language)}".strip())


def signed_letter(quote: Quote) -> dict:
    """A quote that was signed, for those who signed it."""
    signature = quote.signature
    return quote_letter(quote) | {
        "signed_name": signature.signed_name,
        "facts": {
            "label": gettext_lazy("Total"),
            "value": quote.total,
            "side_label": gettext_lazy("Signed by"),
            "side_value": signature.signed_name,
            "tone": "ok",
        },
    }


def answer_letter(quote: Quote) -> dict:
    """What became of a quote, for staff."""
    return {
        "number": str(quote),
        "client_name": quote.addressee_name,
        "subject": quote.subject,
        "amount": quote.total,
        "why": quote.trouble if quote.state == "accepted" else quote.lost_reason,
        "url": settings.SITE_URL + reverse("billing_staff:quote_detail", args=[quote.pk]),
    }


def statement_letter(sent: StatementSent) -> dict:
    """A month's statement, with the balance at its end per currency."""
    closing = [statement.closing for statement in statements_of(sent.account, sent.first, sent.last)]
    return {
        "client_name": sent.account.client.name,
        "people_url": settings.SITE_URL + reverse("clients_portal:member_list"),
        "period": Spoken(lambda language: period_text(sent.first, sent.last, language)),
        "reference": "",
        "balance": closing[0],
        "url": settings.SITE_URL + reverse("billing_portal:statement") + f"?from={sent.first}&to={sent.last}",
        "facts": {
            "label": gettext_lazy("Balance at the end") if closing[0].is_positive else gettext_lazy("Nothing to pay"),
            "value": closing[0],
            "side_label": gettext_lazy("Until"),
            "side_value": Spoken(lambda language: date_text(sent.last, language)),
        },
    }
