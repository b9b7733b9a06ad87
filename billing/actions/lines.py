"""Lines of drafts: what is charged, its tax, and the totals of the document."""

from dataclasses import replace
from decimal import Decimal

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceLine, InvoiceTax, NewLine, Period, TaxGroup, tax_groups
from billing.models.tax_sums import components_of
from billing.queries.tax import EU_CONSUMER, TaxRules, TaxTreatment
from billing.queries.tax_lines import Amount, TaxedLine, spread
from billing.queries.tax_rules import buyer_of, count_again, load_rules, proof_of
from billing.queries.taxing import Taxing, taxing, taxing_of
from billing.queries.vat_area import tax_country
from hostbill.core import options
from hostbill.core.errors import AppError
from hostbill.core.money import round_amount

#: Key of the lock held while a sale near the limit of sales to other EU states is written; any number of our own.
LIMIT_LOCK = 710_017


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
        gross_amount=line.gross_amount,
    )
    if line.period_end:
        return replace(new, period=Period(line.period_start, line.period_end))
    return replace(new, starts_on=line.period_start)


def write_lines(invoice: Invoice, lines: list[NewLine], rules: TaxRules | None = None) -> None:
    """Lines of a draft with their tax by today's rules (read here unless given), a corrective one's by those of the day of what
    it corrects; taxes and reasons are named in the client's language. What the decision rests on is written on the draft."""
    if invoice.corrects_id:
        asked = taxing_of(invoice)
    else:
        asked = taxing(invoice.currency, client=invoice.client, rules=rules or rules_for_writing(invoice.client))
    with translation.override(invoice.client.language):
        taxed = _taxed(asked, lines)
        rows = [draft_line(invoice, line, tax, sort) for sort, (line, tax) in enumerate(zip(lines, taxed, strict=True))]
    InvoiceLine.objects.bulk_create(rows)
    note_supply(invoice, taxed)
    invoice.save(update_fields=["tax_supply", "tax_country", "tax_proof", "updated_at"])


def rules_for_writing(*clients, known: TaxRules | None = None) -> TaxRules:
    """Today's rules; `known` of them were read in this transaction. While sales to other EU states are below their limit, whoever
    writes such a sale waits for the one who writes another, so that two cannot both be the last below it. Whoever writes for many
    gives them all, before any number is drawn."""
    buyers = [buyer_of(client) for client in clients]
    rules = known or load_rules(buyer=buyers[0] if len(buyers) == 1 else None)
    if rules.room is None or not any(rules.supply(buyer)[0] == EU_CONSUMER for buyer in buyers):
        return rules
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIMIT_LOCK])
    return count_again(rules)


def taxed_lines(client, currency: str, lines: list[NewLine], rules: TaxRules) -> list[TaxedLine]:
    """The tax of each line of one document, in the language in force. No query when the client came with `tax_profile`."""
    return _taxed(taxing(currency, client=client, rules=rules), lines)


def _taxed(asked: Taxing, lines: list[NewLine]) -> list[TaxedLine]:
    currency, new = asked.currency, [line for line in lines if line.taxed_as is None]
    amounts = [Amount(line.tax_class, _net(line, currency), _gross(line, currency)) for line in new]
    taxed = iter(asked.lines(amounts))
    found = [_taxed_as_before(line, currency) if line.taxed_as else next(taxed) for line in lines]
    given_back = frozenset(place for place, line in enumerate(lines) if line.taxed_as)
    return spread(found, currency, given_back) if given_back else found


def _taxed_as_before(line: NewLine, currency: str) -> TaxedLine:
    """What is given back of an issued line is taxed as that was, whatever the rules are now."""
    before = line.taxed_as
    rows = before.tax_components or (components_of(before) if before.tax_percent else [])
    components = tuple((row["name"], Decimal(row["percent"]), row.get("compound", False)) for row in rows)
    supply = {"supply": before.invoice.tax_supply, "country": before.invoice.tax_country}
    treatment = TaxTreatment(before.tax_category, components, before.tax_reason, **supply)
    return TaxedLine(line.tax_class, treatment, _net(line, currency), _gross(line, currency))


def _net(line: NewLine, currency: str) -> Decimal:
    return round_amount(line.unit_amount * line.quantity, currency)


def _gross(line: NewLine, currency: str) -> Decimal | None:
    return None if line.gross_amount is None else round_amount(line.gross_amount, currency)


def note_supply(invoice: Invoice, taxed: list[TaxedLine]) -> None:
    """What kind of sale it is and whose tax applies, with the proof; not saved."""
    first = taxed[0].treatment if taxed else None
    invoice.tax_supply = first.supply if first else ""
    invoice.tax_country = first.country.rstrip("*") if first else ""
    invoice.tax_proof = proof_of(invoice.client) if first and first.category == "AE" else {}


def draft_line(invoice: Invoice, line: NewLine, tax: TaxedLine, sort: int) -> InvoiceLine:
    """The line as a row of the invoice, not saved."""
    return InvoiceLine(
        invoice=invoice,
        subscription=line.subscription,
        kind=line.kind,
        part=line.part,
        revenue_code=line.revenue_code,
        description=line.description[:500],
        quantity=line.quantity,
        currency=invoice.currency,
        unit_amount=_unit(line, tax),
        net_amount=tax.net_amount,
        gross_amount=tax.gross_amount,
        tax_class=line.tax_class,
        tax_name=tax.tax_name,
        tax_percent=tax.tax_percent,
        tax_category=tax.tax_category,
        tax_components=tax.tax_components,
        tax_reason=tax.tax_reason[:200],
        period_start=line.period.start if line.period else line.starts_on,
        period_end=line.period.end if line.period else None,
        # Until it is issued, the invoice that it corrects holds its periods.
        released=line.is_released or invoice.corrects_id is not None,
        sort=sort,
    )


def _unit(line: NewLine, tax: TaxedLine) -> Decimal:
    """Net of one; of a price that includes tax the share of the line's net."""
    if line.gross_amount is None or not line.quantity:
        return line.unit_amount
    return (tax.net_amount / line.quantity).quantize(Decimal("0.00000001"))


def write_totals(invoice: Invoice, lines: list[InvoiceLine]) -> dict:
    """Write the tax groups of a draft and return its amounts."""
    groups = tax_groups(lines, invoice.currency)
    totals = totals_of(lines, groups)
    if invoice.state == "draft":
        InvoiceTax.objects.bulk_create(tax_rows(invoice, groups))
    return totals


def totals_of(lines, groups: list[TaxGroup]) -> dict:
    """The amounts of a document. AppError "empty_invoice", "negative_total"."""
    if not lines:
        raise AppError(_("An invoice needs at least one line."), code="empty_invoice")
    net = sum((line.net_amount for line in lines), Decimal(0))
    tax = sum((group.tax for group in groups), Decimal(0))
    if net + tax < 0:
        raise AppError(_("The total of an invoice cannot be negative."), code="negative_total")
    return {"net_amount": net, "tax_amount": tax, "total_amount": net + tax, "open_amount": net + tax}


def tax_rows(invoice: Invoice, groups: list[TaxGroup]) -> list[InvoiceTax]:
    """The groups as rows of a document; `country` is told where it is not the seller's own."""
    abroad = invoice.tax_country if invoice.tax_country != tax_country(options.COMPANY_COUNTRY.value) else ""
    return [
        InvoiceTax(
            invoice=invoice,
            tax_class=group.tax_class,
            category=group.category,
            reason=group.reason,
            name=group.name,
            percent=group.percent,
            country=abroad,
            step=group.step,
            is_compound=group.compound,
            currency=invoice.currency,
            net_amount=group.net,
            base_amount=group.base if group.base != group.net else None,
            gross_amount=group.gross,
            tax_amount=group.tax,
        )
        for group in groups
    ]


def note_totals(invoice: Invoice) -> None:
    """Write on a draft what it would come to today; issuing works it out again."""
    for name, amount in write_totals(invoice, list(invoice.lines.all())).items():
        setattr(invoice, name, amount)
    invoice.save()
