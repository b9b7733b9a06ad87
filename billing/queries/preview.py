"""What a look ahead has seen, read before it is taken back; and how two looks differ."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.events import (
    InvoiceIssued,
    SubscriptionEnded,
    SubscriptionResumed,
    SubscriptionSuspended,
)
from billing.models import Charge, Invoice, PreviewItem, Subscription
from hostbill.core import clock
from hostbill.core.foresight import FIRST_NUMBER, Foresight
from hostbill.core.models import Message, Outgoing
from hostbill.core.notices import get_notice

Kind, Difference = PreviewItem.Kind, PreviewItem.Difference
ENDS = {SubscriptionSuspended: Kind.SUSPENSION, SubscriptionResumed: Kind.RESUMPTION, SubscriptionEnded: Kind.END}


@dataclass(frozen=True)
class Happening:
    """One thing. `key` says what it is in every look (the ids of rows differ), without day and amount."""

    on: date
    kind: str
    client_id: int | None
    label: str
    key: str
    currency: str = ""
    amount: Decimal | None = None
    due_on: date | None = None
    difference: str = ""
    before_on: date | None = None
    before_amount: Decimal | None = None

    @property
    def outcome(self) -> tuple:
        """What may differ."""
        return (self.on, self.amount, self.due_on)

    def item(self, preview) -> PreviewItem:
        """The row to be kept."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "key"}
        return PreviewItem(preview=preview, **values | {"label": self.label[:300]})


def happenings(ahead: Foresight) -> list[Happening]:
    """In order of their days."""
    found = [*_events(ahead), *_sends(ahead)]
    for moment, row in ahead.problems:
        label = f"{row['label']}: {row['error']}"
        found.append(Happening(_day(moment), Kind.PROBLEM, None, label, f"problem {row['object']} {row['id']}"))
    return sorted(found, key=lambda row: (row.on, row.kind, row.client_id or 0, row.key))


def _day(moment) -> date:
    return moment.astimezone(clock.seller_zone()).date()


def _events(ahead: Foresight):
    invoices = _invoices(event.invoice_id for _at, event in ahead.events if isinstance(event, InvoiceIssued))
    ids = {event.subscription_id for _at, event in ahead.events if type(event) in ENDS}
    subscriptions = Subscription.objects.select_related("product").in_bulk(ids)
    for moment, event in ahead.events:
        if isinstance(event, InvoiceIssued):
            yield _invoice(_day(moment), invoices[event.invoice_id])
        elif type(event) in ENDS:
            row = subscriptions[event.subscription_id]
            kind = ENDS[type(event)]
            yield Happening(_day(moment), kind, row.client_id, str(row), f"{kind} {row.pk}")


def _invoices(ids) -> dict[int, Invoice]:
    return Invoice.objects.prefetch_related("lines").in_bulk(set(ids))


def _invoice(on: date, invoice: Invoice) -> Happening:
    words = "; ".join(line.description for line in invoice.lines.all())
    values = {"currency": invoice.currency, "amount": invoice.total_amount, "due_on": invoice.due_on}
    return Happening(on, Kind.INVOICE, invoice.client_id, words, f"invoice {name_of(invoice)}", **values)


def name_of(invoice: Invoice) -> str:
    """What is the same in every look: the number it has already, or what it bills."""
    if invoice.series_number and invoice.series_number < FIRST_NUMBER:
        return str(invoice.pk)
    lines = sorted((line.subscription_id or 0, str(line.period_start), line.kind) for line in invoice.lines.all())
    return f"{invoice.client_id} {lines}"


def _sends(ahead: Foresight):
    rows = Outgoing.objects.in_bulk({row_id for _at, row_id in ahead.sends})
    charges = Charge.objects.prefetch_related("parts__invoice__lines").select_related("payment_method")
    charges = charges.in_bulk({row.object_id for row in rows.values() if row.kind == "billing.charge"})
    mails = Message.objects.defer("html", "text").in_bulk(
        {r.object_id for r in rows.values() if r.kind == "core.message"}
    )
    about = _invoices(mail.subject_id for mail in mails.values() if mail.subject_kind == "billing.invoice")
    for moment, row_id in ahead.sends:
        row = rows[row_id]
        if row.kind == "billing.charge":
            yield _charge(_day(moment), charges[row.object_id])
        elif row.kind == "core.message" and mails[row.object_id].client_id:
            mail = mails[row.object_id]
            yield _mail(
                _day(moment), mail, about.get(mail.subject_id) if mail.subject_kind == "billing.invoice" else None
            )


def _charge(on: date, charge: Charge) -> Happening:
    names = [name_of(part.invoice) for part in charge.parts.all()]
    label = (
        str(charge.payment_method)
        if charge.state == "succeeded"
        else _("%(card)s refused") % {"card": charge.payment_method}
    )
    values = {"currency": charge.currency, "amount": charge.amount}
    return Happening(on, Kind.CHARGE, charge.client_id, label, f"charge {sorted(names)} {charge.attempt}", **values)


def _mail(on: date, mail: Message, invoice: Invoice | None) -> Happening:
    label = f"{get_notice(mail.kind).label} → {mail.to_email}"
    about = name_of(invoice) if invoice else f"{mail.subject_kind} {mail.subject_id}"
    return Happening(on, Kind.NOTICE, mail.client_id, label, f"notice {mail.kind} {mail.to_email} {about}")


def differences(before: list[Happening], after: list[Happening]) -> list[Happening]:
    """What the second look has otherwise: added, removed, or at another day or amount."""
    first, second, found = _by_key(before), _by_key(after), []
    for key, row in second.items():
        old = first.get(key)
        if old is None:
            found.append(replace(row, difference=Difference.ADDED))
        elif old.outcome != row.outcome:
            values = {"before_on": old.on, "before_amount": old.amount}
            found.append(replace(row, difference=Difference.CHANGED, **values))
    found += [replace(row, difference=Difference.REMOVED) for key, row in first.items() if key not in second]
    return sorted(found, key=lambda row: (row.on, row.kind, row.client_id or 0, row.key))


def _by_key(rows: list[Happening]) -> dict[tuple, Happening]:
    """The same thing twice is told apart by its turn."""
    turns, found = Counter(), {}
    for row in rows:
        found[row.key, turns[row.key]] = row
        turns[row.key] += 1
    return found


def summarised(rows: list[Happening], summary: dict | None = None) -> dict:
    """{kind or "kind difference": {"count": n, currency: sum as text}}, added to what was summed before."""
    sums = defaultdict(lambda: defaultdict(Decimal))
    for name, values in (summary or {}).items():
        sums[name].update({key: Decimal(value) for key, value in values.items()})
    for row in rows:
        values = sums[f"{row.kind} {row.difference}".strip()]
        values["count"] += 1
        if row.amount is not None:
            values[row.currency] += row.amount - (row.before_amount or 0)
    return {name: {key: str(value) for key, value in values.items()} for name, values in sorted(sums.items())}
