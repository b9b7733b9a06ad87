"""What letters are made of: days, addresses, tables, what an invoice is for and when it is due."""

from datetime import date, timedelta

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import Invoice
from hostbill.core.localized import Spoken, date_text, native_digits, percent_text, period_text


def addressed(client) -> dict:
    """Whose it is, and where they say who gets mails."""
    return {"client_name": client.name, "people_url": site("clients_portal:member_list")}


def card_words(method) -> str:
    """``Visa •••• 4242``, kept on one line."""
    return str(method).replace("•••• ", "••••\u00a0") if method else ""


def what_for(invoice: Invoice) -> str:
    """``atelier.example and one more``: what an invoice covers, in a few words."""
    return spoken_list(labels_of(invoice))


def labels_of(invoice: Invoice) -> list[str]:
    """The domains (or products) of an invoice's subscriptions; its lines where there are none."""
    lines = list(invoice.lines.select_related("subscription__product"))
    served = [line.subscription.label or str(line.subscription.product) for line in lines if line.subscription]
    return list(dict.fromkeys(served or [line.description for line in lines]))


def spoken_list(words: list[str]) -> Spoken:
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


def reference_of(invoice: Invoice):
    return format_lazy("{} {}", gettext_lazy("Invoice"), invoice.number) if invoice.number else ""


def site(route: str, *args) -> str:
    """The whole address; the client area's front page where a screen does not exist: no mail is lost to a link."""
    try:
        return settings.SITE_URL + reverse(route, args=args)
    except NoReverseMatch:
        return settings.SITE_URL + "/account/"


def grouped(iban: str) -> str:
    bare = iban.replace(" ", "")
    return " ".join(bare[i : i + 4] for i in range(0, len(bare), 4))


def spoken_day(day: date | None):
    return Spoken(lambda language: date_text(day, language, weekday=True)) if day else ""


def to_pay(invoice: Invoice) -> dict:
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
        "side_value": spoken_day(invoice.due_on),
    }


def late_words(invoice: Invoice) -> Spoken:
    days = max(invoice.days_overdue, 0)
    return Spoken(lambda language: native_digits(ngettext("%d day late", "%d days late", days) % days, language))


def late_facts(invoice: Invoice) -> dict:
    lines = list(invoice.lines.all())
    side = [lines[0].description, _period(lines[0])] if len(lines) == 1 else [reference_of(invoice)]
    return {
        "label": late_words(invoice),
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
    sums = net_and_tax(invoice)
    paid = invoice.total - invoice.open
    is_open = invoice.state == "issued"
    if is_open and not paid.is_zero:
        sums += [
            {"text": gettext_lazy("Total"), "amount": invoice.total},
            {"text": gettext_lazy("Already paid"), "amount": -paid},
        ]
    total = (gettext_lazy("To pay"), invoice.open) if is_open else (gettext_lazy("Total"), invoice.total)
    return table_of(invoice, gettext_lazy("What it is for"), sums, *total)


def net_and_tax(document) -> list[dict]:
    taxes = [{"text": _tax(tax), "amount": tax.tax} for tax in document.taxes.all()]
    return [{"text": gettext_lazy("Net"), "amount": document.net}, *taxes]


def table_of(document, title, sums: list[dict], total_words, total) -> dict:
    return {
        "title": title,
        "amount_title": gettext_lazy("Amount"),
        "rows": [{"text": line.description, "note": _period(line), "amount": line.net} for line in document.lines.all()],
        "sums": sums,
        "total": {"text": total_words, "amount": total},
    }


def _tax(tax) -> Spoken:
    return Spoken(lambda language: f"{tax.name} {percent_text(tax.percent, language)}".strip())
