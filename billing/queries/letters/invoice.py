"""Letters about invoices and credit notes."""

from datetime import date
from decimal import Decimal

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import CreditNote, Invoice, Order
from billing.queries.invoice_document import seller_of
from billing.queries.pay_link import pay_url
from hostbill.core import clock
from hostbill.core.localized import Spoken, date_text, money_text, near_day_text
from hostbill.core.money import Money

from .parts import (
    addressed,
    card_words,
    grouped,
    invoice_lines,
    labels_of,
    late_facts,
    late_words,
    net_and_tax,
    reference_of,
    site,
    spoken_day,
    spoken_list,
    table_of,
    to_pay,
    what_for,
)


def invoice_letter(invoice: Invoice) -> dict:
    """Everything about an invoice: to pay, due, link, lines, bank details."""
    seller = seller_of(invoice)
    return {
        "number": invoice.number or "",
        "reference": reference_of(invoice),
        **addressed(invoice.client),
        "amount": invoice.open if invoice.state == "issued" else invoice.total,
        "total": invoice.total,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "what": what_for(invoice),
        "pay_url": pay_url(invoice),
        "invoice_url": site("billing_portal:invoice_detail", invoice.pk),
        "iban": grouped(seller["iban"]),
        "holder": seller["legal_name"],
        "transfer_reference": invoice.reference or invoice.number or "",
        "transfer": _transfer(invoice, seller),
        "facts": to_pay(invoice) | _renewal(invoice),
        "lines": invoice_lines(invoice),
    }


def _renewal(invoice: Invoice) -> dict:
    """What an order will cost next and later, as it stood when it was agreed to; nothing for other invoices."""
    order = Order.objects.filter(invoice=invoice).first() if invoice.kind == Invoice.Kind.ORDER else None
    seen = order.snapshot if order else {}

    def say(language: str) -> str:
        price = lambda row: money_text(Money(Decimal(row["total"]), order.currency), language)  # noqa: E731
        day = lambda row: date_text(date.fromisoformat(row["on"]), language)  # noqa: E731
        nexts = [_("Next: %(price)s on %(day)s.") % {"price": price(row), "day": day(row)} for row in seen.get("renewals", [])]
        later = [
            _("%(name)s costs %(price)s from %(day)s.") % {"name": row["line"], "price": price(row), "day": day(row)}
            for row in seen.get("later", [])
            if "total" in row
        ]
        return " ".join([*nexts, *later])

    return {"side_lines": [Spoken(say)]} if seen.get("renewals") or seen.get("later") else {}


def _transfer(invoice: Invoice, seller: dict) -> Spoken | str:
    """How to pay by bank, in a sentence."""
    if not seller["iban"]:
        return ""
    values = {
        "holder": seller["legal_name"],
        "iban": grouped(seller["iban"]),
        "reference": invoice.reference or invoice.number or "",
    }
    return Spoken(lambda language: _("By bank transfer: %(holder)s, IBAN %(iban)s, reference %(reference)s.") % values)


def ahead_letter(invoice: Invoice, method) -> dict:
    """An invoice that a saved card pays on its day."""
    facts = {"label": gettext_lazy("We take"), "value": invoice.open, "side_label": gettext_lazy("On")}
    return invoice_letter(invoice) | {
        "card": card_words(method),
        "method_url": site("billing_portal:payment_method_list"),
        "facts": facts | {"side_value": spoken_day(invoice.due_on)},
    }


def late_letter(
    invoice: Invoice, *, suspend_on: date | None = None, end_on: date | None = None, is_last: bool = False
) -> dict:
    """An overdue invoice, with what happens on which day when nothing is paid; after the last nobody writes again."""
    letter = invoice_letter(invoice)
    labels = labels_of(invoice)
    letter |= {
        "days_late": max(invoice.days_overdue, 0),
        "late": late_words(invoice),
        "sites": spoken_list(labels),
        "site": labels[0] if labels else "",
        "is_several": len(set(labels)) > 1,
        "suspend_on": spoken_day(suspend_on),
        "end_on": spoken_day(end_on),
        "facts": late_facts(invoice),
        "steps": _steps(suspend_on, end_on, is_last),
        "lines": None,
    }
    return letter


def credit_note_letter(note: CreditNote) -> dict:
    """A credit note: what is taken back, and where the money is."""
    url = site("billing_portal:credit_note_detail", note.pk)
    return {
        "number": note.number,
        "invoice_number": note.invoice.number,
        "reference": format_lazy("{} {}", gettext_lazy("Credit note"), note.number),
        **addressed(note.client),
        "amount": note.total,
        "credited": note.credited if note.credited_amount else "",
        "why": note.reason,
        "url": url,
        "facts": {
            "label": gettext_lazy("Credited"),
            "value": note.total,
            "tone": "ok",
            "side_label": gettext_lazy("For invoice"),
            "side_value": note.invoice.number,
        },
        "lines": table_of(note, gettext_lazy("What is taken back"), net_and_tax(note), gettext_lazy("Credited"), note.total),
    }


def _steps(suspend_on: date | None, end_on: date | None, is_last: bool) -> list[dict]:
    """Today, the day it stops, the day it is gone."""
    today = clock.today()
    steps = [
        {
            "when": Spoken(
                lambda language: _("Today, %(day)s") % {"day": near_day_text(today, language, weekday=False)}
            ),
            "title": gettext_lazy("Everything runs as usual."),
        }
    ]
    if suspend_on and suspend_on > today:
        steps.append(
            {
                "when": Spoken(lambda language: near_day_text(suspend_on, language)),
                "title": gettext_lazy("The site goes offline"),
                "text": gettext_lazy(
                    "Visitors see a short notice that does not mention payment. Paying brings it back, usually within a minute."
                ),
                "tone": "bad",
            }
        )
    elif suspend_on:
        steps[0] |= {
            "title": gettext_lazy("It is suspended."),
            "text": gettext_lazy("Your data is safe."),
            "tone": "bad",
        }
    if end_on:
        steps.append(
            {
                "when": Spoken(lambda language: near_day_text(end_on, language)),
                "title": gettext_lazy("The account is deleted with all that is in it."),
                "text": "" if is_last else gettext_lazy("We write to you again before that."),
                "tone": "bad" if is_last else "",
            }
        )
    return steps
