"""Lines of drafts: what is charged, its tax, and the totals of the document."""

from dataclasses import replace
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceLine, InvoiceTax, NewLine, Period, TaxRate, tax_groups
from hostbill.core import clock, options
from hostbill.core.errors import AppError
from hostbill.core.money import round_amount


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
        part=line.part,
    )
    if line.period_end:
        return replace(new, period=Period(line.period_start, line.period_end))
    return replace(new, starts_on=line.period_start)


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
        part=line.part,
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
