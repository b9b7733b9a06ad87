"""What billing's mails say, as plain data: amounts, lines, dates and links of a row, in the reader's language later.

Values that depend on the language are ``Spoken``: they become words when the reader is known.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import (
    Charge,
    CreditNote,
    Dispute,
    EInvoice,
    Invoice,
    Order,
    Payment,
    Refund,
    Subscription,
    SubscriptionChange,
    Transfer,
)
from billing.queries.invoice_document import seller_of
from billing.queries.pay_link import pay_url
from hostbill.core import clock
from hostbill.core.localized import (
    Spoken,
    date_text,
    money_text,
    native_digits,
    near_day_text,
    percent_text,
    period_text,
)
from hostbill.core.money import Money


def invoice_letter(invoice: Invoice) -> dict:
    """Everything about an invoice: to pay, due, link, lines, bank details."""
    seller = seller_of(invoice)
    return {
        "number": invoice.number or "",
        "reference": _reference(invoice),
        **_client(invoice.client),
        "amount": invoice.open if invoice.state == "issued" else invoice.total,
        "total": invoice.total,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "what": what_for(invoice),
        "pay_url": pay_url(invoice),
        "invoice_url": _site("billing_portal:invoice_detail", invoice.pk),
        "iban": _grouped(seller["iban"]),
        "holder": seller["legal_name"],
        "transfer_reference": invoice.reference or invoice.number or "",
        "transfer": _transfer(invoice, seller),
        "facts": _to_pay(invoice) | _renewal(invoice),
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


def _client(client) -> dict:
    """Whose it is, and where they say who gets mails."""
    return {"client_name": client.name, "people_url": _site("clients_portal:member_list")}


def _transfer(invoice: Invoice, seller: dict) -> Spoken | str:
    """How to pay by bank, in a sentence."""
    if not seller["iban"]:
        return ""
    values = {
        "holder": seller["legal_name"],
        "iban": _grouped(seller["iban"]),
        "reference": invoice.reference or invoice.number or "",
    }
    return Spoken(lambda language: _("By bank transfer: %(holder)s, IBAN %(iban)s, reference %(reference)s.") % values)


def ahead_letter(invoice: Invoice, method) -> dict:
    """An invoice that a saved card pays on its day."""
    facts = {"label": gettext_lazy("We take"), "value": invoice.open, "side_label": gettext_lazy("On")}
    return invoice_letter(invoice) | {
        "card": _card(method),
        "method_url": _site("billing_portal:payment_method_list"),
        "facts": facts | {"side_value": _day(invoice.due_on)},
    }


def _card(method) -> str:
    """``Visa •••• 4242``, kept on one line."""
    return str(method).replace("•••• ", "••••\u00a0") if method else ""


def late_letter(
    invoice: Invoice, *, suspend_on: date | None = None, end_on: date | None = None, is_last: bool = False
) -> dict:
    """An overdue invoice, with what happens on which day when nothing is paid; after the last nobody writes again."""
    letter = invoice_letter(invoice)
    labels = _labels(invoice)
    letter |= {
        "days_late": max(invoice.days_overdue, 0),
        "late": _late(invoice),
        "sites": _list(labels),
        "site": labels[0] if labels else "",
        "is_several": len(set(labels)) > 1,
        "suspend_on": _day(suspend_on),
        "end_on": _day(end_on),
        "facts": _late_facts(invoice),
        "steps": _steps(suspend_on, end_on, is_last),
        "lines": None,
    }
    return letter


def charge_letter(charge: Charge, retry_on: date | None = None) -> dict:
    """A card payment that was tried, and the day on which the next try comes."""
    letter = invoice_letter(charge.invoice)
    method = charge.payment_method
    return letter | {
        "pay_url": pay_url(*charge.invoices.all()),
        "amount": charge.money,
        "card": _card(method),
        "why": Spoken(lambda language: charge.refusal.rstrip(".")),
        "retry_on": _day(retry_on),
        "method_url": _site("billing_portal:payment_method_list"),
        "lines": None,
    }


def credit_note_letter(note: CreditNote) -> dict:
    """A credit note: what is taken back, and where the money is."""
    url = _site("billing_portal:credit_note_detail", note.pk)
    return {
        "number": note.number,
        "invoice_number": note.invoice.number,
        "reference": format_lazy("{} {}", gettext_lazy("Credit note"), note.number),
        **_client(note.client),
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
        "lines": _table(note, gettext_lazy("What is taken back"), _net_and_tax(note), gettext_lazy("Credited"), note.total),
    }


def payment_letter(payment: Payment) -> dict:
    """Money that came in, and the invoices it paid."""
    invoices = [row.invoice for row in payment.allocations.select_related("invoice").order_by("id")]
    numbers = [invoice.number for invoice in invoices if invoice.number]
    url = _site("billing_portal:invoice_detail", invoices[0].pk) if invoices else _site("portal_home")
    return {
        **_client(payment.client),
        "amount": payment.money,
        "method": payment.method_words,
        "received_on": payment.received_on,
        "numbers": _list(numbers),
        "credited": payment.credited if payment.credited_amount else "",
        "reference": _reference(invoices[0]) if len(invoices) == 1 else "",
        "invoice_url": url,
        "url": url,
        "facts": {
            "label": gettext_lazy("Received, thank you"),
            "value": payment.money,
            "tone": "ok",
            "side_label": gettext_lazy("On"),
            "side_value": payment.received_on,
        },
        "lines": invoice_lines(invoices[0]) if len(invoices) == 1 else None,
    }


def refund_letter(refund: Refund) -> dict:
    """Money that goes back."""
    invoice = refund.invoice
    url = _site("billing_portal:invoice_detail", invoice.pk) if invoice else _site("portal_home")
    return {
        **_client(refund.client),
        "amount": refund.money,
        "why": refund.reason,
        "numbers": invoice.number if invoice else "",
        "reference": _reference(invoice) if invoice else "",
        "method": refund.payment.method_words,
        "invoice_url": url,
        "url": url,
        "facts": {
            "label": gettext_lazy("Goes back to you"),
            "value": refund.money,
            "side_label": gettext_lazy("To"),
            "side_value": refund.payment.method_words,
        },
    }


def foreign_refund_letter(refund: Refund) -> dict:
    """Words for staff about a refund made at the gateway: all its parts together."""
    parts = list(Refund.objects.filter(payment=refund.payment, remote_id=refund.remote_id).select_related("invoice"))
    numbers = [part.invoice.number for part in parts if part.invoice]
    opened = format_lazy(gettext_lazy("open again is {numbers}"), numbers=", ".join(numbers))
    return {
        "client_name": refund.client.name,
        "amount": sum((part.money for part in parts[1:]), parts[0].money),
        "why": opened if numbers else gettext_lazy("it came out of the client's credit"),
        "url": _site("billing_staff:payment_detail", refund.payment_id),
        "reference": "",
    }


def held_letter(einvoice: EInvoice) -> dict:
    """An e-invoice that broke a rule, for staff."""
    return {
        "number": str(einvoice.document),
        "client_name": einvoice.client.name,
        "format": einvoice.get_format_display(),
        "why": einvoice.first_finding,
        "url": _site("billing_staff:einvoice_detail", einvoice.pk),
    }


def refused_letter(check, *, for_staff: bool) -> dict:
    """A VAT number that the office does not know."""
    url = check.client.get_absolute_url() if for_staff else reverse("clients_portal:client_edit")
    return {"client_name": check.client.name, "tax_id": check.tax_id, "url": settings.SITE_URL + url}


def dispute_letter(dispute: Dispute) -> dict:
    """A chargeback, for staff."""
    return {
        "client_name": dispute.client.name,
        "amount": dispute.money,
        "why": dispute.state_words[2],
        "url": _site("billing_staff:payment_detail", dispute.payment_id),
    }


def subscription_letter(subscription: Subscription) -> dict:
    """A product somebody has."""
    return {
        **_client(subscription.client),
        "what": str(subscription.product),
        "label": subscription.label or str(subscription.product),
        "price": subscription.price,
        "cycle": subscription.get_cycle_display(),
        "cancel_on": _day(subscription.cancel_on),
        "ended_on": _day(subscription.ended_on),
        "why": subscription.cancel_reason,
        "url": _site("portal_home"),
    }


def change_letter(change: SubscriptionChange) -> dict:
    """From what to what, and when."""
    subscription = change.subscription
    return {
        **_client(subscription.client),
        "what": str(change.from_product),
        "to": str(change.to_product),
        "label": subscription.label or str(change.from_product),
        "on": _day(change.effective_on),
        "url": _site("billing_portal:subscription_detail", subscription.pk),
    }


def transfer_letter(transfer: Transfer) -> dict:
    """An offer, for who is to take it."""
    subscription = transfer.subscription
    return {
        **_client(transfer.to_client),
        "what": str(subscription.product),
        "label": subscription.label or str(subscription.product),
        "giver": transfer.from_client.name,
        "url": _site("billing_portal:transfer_list"),
    }


def what_for(invoice: Invoice) -> str:
    """``atelier.example and one more``: what an invoice covers, in a few words."""
    return _list(_labels(invoice))


def _labels(invoice: Invoice) -> list[str]:
    """The domains (or products) of an invoice's subscriptions; its lines where there are none."""
    lines = list(invoice.lines.select_related("subscription__product"))
    served = [line.subscription.label or str(line.subscription.product) for line in lines if line.subscription]
    return list(dict.fromkeys(served or [line.description for line in lines]))


def _list(words: list[str]) -> Spoken:
    """``a``, ``a and b``, ``a, b and 3 more``."""
    names = list(dict.fromkeys(words))

    def say(language: str) -> str:
        if len(names) <= 1:
            return names[0] if names else ""
        if len(names) == 2:
            return _("%(first)s and %(second)s") % {"first": names[0], "second": names[1]}
        rest = len(names) - 2
        more = ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", rest)
        return more % {"names": ", ".join(names[:2]), "count": rest}

    return Spoken(say)


def _reference(invoice: Invoice):
    return format_lazy("{} {}", gettext_lazy("Invoice"), invoice.number) if invoice.number else ""


def _site(route: str, *args) -> str:
    """The whole address; the client area's front page where a screen does not exist: no mail is lost to a link."""
    try:
        return settings.SITE_URL + reverse(route, args=args)
    except NoReverseMatch:
        return settings.SITE_URL + "/account/"


def _grouped(iban: str) -> str:
    bare = iban.replace(" ", "")
    return " ".join(bare[i : i + 4] for i in range(0, len(bare), 4))


def _day(day: date | None):
    return Spoken(lambda language: date_text(day, language, weekday=True)) if day else ""


def _to_pay(invoice: Invoice) -> dict:
    if invoice.state != "issued":
        return {
            "label": gettext_lazy("Total"),
            "value": invoice.total,
            "side_label": gettext_lazy("Paid, nothing to do"),
            "tone": "ok",
        }
    return {
        "label": gettext_lazy("To pay"),
        "value": invoice.open,
        "side_label": gettext_lazy("Due"),
        "side_value": _day(invoice.due_on),
    }


def _late(invoice: Invoice) -> Spoken:
    days = max(invoice.days_overdue, 0)
    return Spoken(lambda language: native_digits(ngettext("%d day late", "%d days late", days) % days, language))


def _late_facts(invoice: Invoice) -> dict:
    lines = list(invoice.lines.all())
    side = [lines[0].description, _period(lines[0])] if len(lines) == 1 else [_reference(invoice)]
    return {
        "label": _late(invoice),
        "value": invoice.open,
        "tone": "bad",
        "side_lines": [line for line in side if line],
    }


def _period(line) -> Spoken | str:
    """Stored half-open; people read the last day served."""
    if not line.period_start:
        return ""
    last = line.period_end - timedelta(days=1) if line.period_end else line.period_start
    return Spoken(lambda language: period_text(line.period_start, last, language))


def invoice_lines(invoice: Invoice) -> dict:
    """The table of an invoice, net with periods, tax and total as in the document."""
    sums = _net_and_tax(invoice)
    paid = invoice.total - invoice.open
    is_open = invoice.state == "issued"
    if is_open and not paid.is_zero:
        sums += [
            {"text": gettext_lazy("Total"), "amount": invoice.total},
            {"text": gettext_lazy("Already paid"), "amount": -paid},
        ]
    total = (gettext_lazy("To pay"), invoice.open) if is_open else (gettext_lazy("Total"), invoice.total)
    return _table(invoice, gettext_lazy("What it is for"), sums, *total)


def _net_and_tax(document) -> list[dict]:
    taxes = [{"text": _tax(tax), "amount": tax.tax} for tax in document.taxes.all()]
    return [{"text": gettext_lazy("Net"), "amount": document.net}, *taxes]


def _table(document, title, sums: list[dict], total_words, total) -> dict:
    return {
        "title": title,
        "amount_title": gettext_lazy("Amount"),
        "rows": [{"text": line.description, "note": _period(line), "amount": line.net} for line in document.lines.all()],
        "sums": sums,
        "total": {"text": total_words, "amount": total},
    }


def _tax(tax) -> Spoken:
    return Spoken(lambda language: f"{tax.name} {percent_text(tax.percent, language)}".strip())


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


def order_letter(order) -> dict:
    """A new order, for staff."""
    return {
        "number": order.number,
        "client_name": order.client.name,
        "what": _list([str(line.product) for line in order.lines.select_related("product")]),
        "amount": Spoken(lambda language: money_text(order.invoice.total, language)) if order.invoice_id else "",
        "state": order.get_state_display(),
        "url": _site("billing_staff:order_detail", order.pk),
    }
