"""Use cases of invoices: draft, issue, cancel. Issue is the moment at which a document becomes unchangeable."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import InvoiceCancelled, InvoiceIssued
from billing.models import Account, Invoice, InvoiceLine, InvoiceTax, Period, Subscription, TaxRate, tax_groups
from billing.options import INVOICE_NUMBER_FORMAT
from hostbill.core import clock, options
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.money import Money, round_amount
from hostbill.core.sequence import next_number
from hostbill.core.states import transition

from .account import lock_account
from .credit import Kind as CreditKind
from .credit import move_credit, use_credit
from .ledger import CREDIT, RECEIVABLE, Side, book, reverse
from .settlement import paid
from .subscription import note_paid_period
from .suspension import lift_for_payment
from .withdrawal import withdraw_charges


@dataclass(frozen=True)
class NewLine:
    """A line to be invoiced. `unit_amount` is net and may have more decimals than the currency; the line net is
    rounded once. `period` is half-open; a one-off line of a subscription gives its first day only (`starts_on`).
    `origin` is the `InvoiceLine.origin` of the draft's line that it takes the place of."""

    description: str
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    kind: str = InvoiceLine.Kind.MANUAL
    tax_class: str = "standard"
    revenue_code: str = "manual"
    subscription: Subscription | None = None
    period: Period | None = None
    starts_on: date | None = None
    origin: str = ""


def draft_invoice(account: Account, lines: list[NewLine], *, kind: str, due_on: date, notes: str = "") -> Invoice:
    """A draft without a number, taxed at today's rates for the client's country. Caller holds the account's lock."""
    invoice = Invoice.objects.create(
        client=account.client, account=account, kind=kind, currency=account.currency, due_on=due_on, notes=notes
    )
    write_lines(invoice, lines)
    return invoice


def write_lines(invoice: Invoice, lines: list[NewLine]) -> None:
    """Lines of a draft, taxed at today's rates; the tax is named in the client's language."""
    country = str(invoice.client.country or options.COMPANY_COUNTRY.value)
    rates = {line.tax_class: None for line in lines}
    for tax_class in rates:
        rates[tax_class] = TaxRate.find(tax_class, country, clock.today())
    with translation.override(invoice.client.language):
        rows = [_line(invoice, line, rates[line.tax_class], sort) for sort, line in enumerate(lines)]
    InvoiceLine.objects.bulk_create(rows)


def _line(invoice: Invoice, line: NewLine, rate: TaxRate | None, sort: int) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        subscription=line.subscription,
        kind=line.kind,
        revenue_code=line.revenue_code,
        description=line.description[:500],
        quantity=line.quantity,
        currency=invoice.currency,
        unit_amount=line.unit_amount,
        net_amount=round_amount(line.unit_amount * line.quantity, invoice.currency),
        tax_class=line.tax_class,
        tax_name=rate.spoken_name if rate else "",
        tax_percent=rate.percent if rate else Decimal(0),
        period_start=line.period.start if line.period else line.starts_on,
        period_end=line.period.end if line.period else None,
        sort=sort,
    )


def issue_invoice(invoice: Invoice, *, actor) -> Invoice:
    """Number, freeze, book and announce a draft; the client's credit is used at once, and an invoice over nothing is
    paid without any gateway. AppError: "empty_invoice", "negative_total"; IllegalTransition unless a draft."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        lines = list(invoice.lines.all())
        totals = write_totals(invoice, lines)
        number = _draw_number(clock.today()) if invoice.state == "draft" else {}
        transition(
            invoice,
            "issued" if totals["total_amount"] else "paid",
            issued_on=clock.today(),
            issued_at=clock.now(),
            seller=seller_now(),
            buyer=buyer_now(invoice.client),
            language=invoice.client.language,
            **totals,
            **number,
        )
        _book_issue(invoice, account, lines)
        audit(actor, "billing.invoice_issued", invoice)
        emit(InvoiceIssued(invoice.pk))
        if invoice.state == "paid":
            paid(invoice, actor=actor)
        else:
            use_credit(invoice, actor=actor)
    return invoice


def write_totals(invoice: Invoice, lines: list[InvoiceLine]) -> dict:
    """Write the tax groups of a draft and return its amounts."""
    if not lines:
        raise AppError(_("An invoice needs at least one line."), code="empty_invoice")
    groups = tax_groups(lines, invoice.currency)
    net = sum((line.net_amount for line in lines), Decimal(0))
    tax = sum((group.tax for group in groups), Decimal(0))
    if net + tax < 0:
        raise AppError(_("The total of an invoice cannot be negative."), code="negative_total")
    if invoice.state == "draft":
        InvoiceTax.objects.bulk_create(
            InvoiceTax(
                invoice=invoice,
                tax_class=group.tax_class,
                name=group.name,
                percent=group.percent,
                currency=invoice.currency,
                net_amount=group.net,
                tax_amount=group.tax,
            )
            for group in groups
        )
    return {"net_amount": net, "tax_amount": tax, "total_amount": net + tax, "open_amount": net + tax}


def _draw_number(today: date) -> dict:
    """The next number of the series; the counter's lock is held to the end of the transaction, so there is no gap."""
    pattern = INVOICE_NUMBER_FORMAT.value
    series = f"invoice:{today.year}" if "{year" in pattern else "invoice"
    running = next_number(series)
    try:
        number = pattern.format(year=today.year, month=f"{today.month:02d}", number=running)
    except (KeyError, ValueError, IndexError, AttributeError):
        raise AppError(_("The option for invoice numbers cannot be used."), code="number_format") from None
    return {"number": number, "series": series, "series_number": running, "reference": number[:40]}


def _book_issue(invoice: Invoice, account: Account, lines: list[InvoiceLine]) -> None:
    sides = [Side(RECEIVABLE, invoice.total, account)]
    for code in sorted({line.revenue_code for line in lines}):
        net = sum((line.net for line in lines if line.revenue_code == code), Money.zero(invoice.currency))
        sides.append(Side(f"revenue:{code}", -net))
    for group in invoice.taxes.all():
        sides.append(Side(f"tax:{group.tax_class}:{group.percent.normalize():f}", -group.tax))
    book(f"invoice:{invoice.pk}:issued", f"Invoice {invoice.number}", sides, invoice=invoice)


def seller_now() -> dict:
    """The seller as printed on documents issued now."""
    names = ("address1", "postcode", "city", "country", "tax_id", "register", "email", "phone", "bank", "iban", "bic")
    seller = {name: options.find(f"company.{name}").value for name in names}
    seller["name"] = options.COMPANY_LEGAL_NAME.value or options.COMPANY_NAME.value
    return seller


def buyer_now(client) -> dict:
    """The client as printed on documents issued now."""
    names = ("number", "company", "first_name", "last_name", "native_name", "email", "address1", "address2", "city")
    buyer = {name: getattr(client, name) for name in (*names, "state", "postcode", "tax_id")}
    return {**buyer, "name": client.name, "country": str(client.country or "")}


def cancel_invoice(invoice: Invoice, *, actor, reason: str) -> Invoice:
    """Reverse an issued invoice in the books; its number stays. What was paid on it becomes the client's credit.

    AppError "charge_under_way" while a payment attempt may still succeed, "refund_under_way" while money of it is on
    its way back; IllegalTransition from other states."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        withdraw_charges(invoice, actor=actor)
        if invoice.refunds.filter(state__in=["queued", "processing"]).exists():
            raise AppError(_("A refund of this invoice is under way."), code="refund_under_way")
        settled = invoice.total - invoice.open
        transition(invoice, "cancelled", open_amount=Decimal(0), paid_at=None, cancel_reason=reason[:300])
        invoice.lines.filter(released=False).update(released=True)
        entry = invoice.entries.get(key=f"invoice:{invoice.pk}:issued")
        reverse(entry, f"invoice:{invoice.pk}:cancelled", f"Invoice {invoice.number} cancelled", invoice=invoice)
        _give_back(invoice, account, settled)
        audit(actor, "billing.invoice_cancelled", invoice, reason=reason)
        for subscription in Subscription.objects.filter(pk__in=invoice.lines.values("subscription_id")).order_by("pk"):
            note_paid_period(subscription)
            lift_for_payment(subscription, actor=actor)
        emit(InvoiceCancelled(invoice.pk))
    return invoice


def _give_back(invoice: Invoice, account: Account, settled: Money) -> None:
    """The part already settled was money or credit of the client: it is credit again."""
    if not settled.is_positive:
        return
    movement = move_credit(account, CreditKind.RELEASED, settled, invoice=invoice)
    book(
        f"credit:{movement.pk}:released",
        f"Settled part of cancelled {invoice.number}",
        [Side(RECEIVABLE, settled, account), Side(CREDIT, -settled, account)],
        invoice=invoice,
    )


def reissue_without(invoice: Invoice, subscription: Subscription, *, actor, reason: str) -> Invoice | None:
    """Cancel an unpaid invoice and issue its other lines anew; None when nothing else was on it."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        kept = [
            line_again(line) for line in invoice.lines.exclude(subscription=subscription).select_related("subscription")
        ]
        cancel_invoice(invoice, actor=actor, reason=reason)
        if not kept:
            return None
        due_on = max(invoice.due_on, clock.today())
        return issue_invoice(draft_invoice(account, kept, kind=invoice.kind, due_on=due_on), actor=actor)


def line_again(line: InvoiceLine) -> NewLine:
    """The same line to be written once more, with its subscription and period."""
    new = NewLine(
        description=line.description,
        unit_amount=line.unit_amount,
        quantity=line.quantity,
        kind=line.kind,
        tax_class=line.tax_class,
        revenue_code=line.revenue_code,
        subscription=line.subscription,
    )
    if line.period_end:
        return replace(new, period=Period(line.period_start, line.period_end))
    return replace(new, starts_on=line.period_start)


def write_invoice(account: Account, lines: list[NewLine], *, due_on: date, actor, notes: str = "") -> Invoice:
    """Staff write and issue a one-off invoice."""
    with transaction.atomic():
        account = lock_account(account)
        invoice = draft_invoice(account, lines, kind=Invoice.Kind.MANUAL, due_on=due_on, notes=notes)
        return issue_invoice(invoice, actor=actor)
