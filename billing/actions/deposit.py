"""The deposit of a quote after something of it was cancelled: never more than what is left to deduct it from."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceLine, NewLine, Quote
from hostbill.core.money import round_amount

from .credit_note import STANDING, credit_invoice
from .succession import ask_for_less

#: `InvoiceLine.revenue_code` of a deposit, and of the lines by which it is taken off the rest.
DEPOSIT = "deposit"


def fit_deposit(draft: Invoice, *, actor) -> None:
    """Lines were taken off the draft: what of the deposit they leave without a counterpart is credited on its invoice, or left out of
    it while that is pro-forma. Nothing happens for drafts that are no rest of a quote. Caller holds the account's lock and adds the
    draft up again."""
    quote = Quote.objects.select_related("invoice", "client").filter(rest_invoice=draft).first()
    if quote is None:
        return
    room, surplus = defaultdict(Decimal), defaultdict(Decimal)
    for line in draft.lines.exclude(revenue_code=DEPOSIT):
        room[_key(line)] += _priced(line)
    for line in draft.lines.filter(revenue_code=DEPOSIT):
        kept = max(min(room[_key(line)], -_priced(line)), Decimal(0))
        surplus[_key(line)] += -_priced(line) - kept
        room[_key(line)] -= kept
        _keep(line, kept)
    if any(surplus.values()) and quote.invoice and quote.invoice.state in STANDING:
        _credit(quote, surplus, actor)


def _key(line: InvoiceLine) -> tuple:
    return (line.tax_category, line.tax_percent)


def _priced(line: InvoiceLine) -> Decimal:
    """In the price's own kind: net, or with tax."""
    return line.net_amount if line.gross_amount is None else line.gross_amount


def _net_part(line: InvoiceLine, part: Decimal) -> Decimal:
    """Net of a part of the line that is given in the price's own kind."""
    return part if line.gross_amount is None else round_amount(line.net_amount * part / line.gross_amount, line.currency)


def _keep(line: InvoiceLine, kept: Decimal) -> None:
    if not kept:
        line.delete()
    elif kept != -_priced(line):
        net = _net_part(line, -kept)
        line.quantity, line.unit_amount, line.net_amount = Decimal(1), net, net
        line.gross_amount = None if line.gross_amount is None else -kept
        line.save(update_fields=["quantity", "unit_amount", "net_amount", "gross_amount"])


def _credit(quote: Quote, surplus: dict, actor) -> None:
    lines = [line for line in quote.invoice.lines.all() if surplus.get(_key(line))]
    amounts = {line.pk: _net_part(line, min(surplus[_key(line)], _priced(line))) for line in lines}
    with translation.override(quote.client.language):
        reason = _("Cancelled before it began: quote %(number)s") % {"number": quote}
    if amounts and quote.invoice.is_proforma:
        ask_for_less(quote.invoice, amounts, reason=reason, actor=actor)
    elif amounts:
        credit_invoice(quote.invoice, amounts=amounts, reason=reason, actor=actor)


def taxed_as_paid(draft: Invoice, lines: list[NewLine]) -> list[NewLine]:
    """The rest of a quote gives back its deposit as that was taxed, whatever the rules are now."""
    quote = Quote.objects.select_related("invoice").filter(rest_invoice=draft).first()
    if quote is None or quote.invoice is None:
        return lines
    paid = {line.tax_class: line for line in quote.invoice.lines.filter(revenue_code=DEPOSIT).select_related("invoice")}
    return [
        replace(line, taxed_as=paid.get(line.tax_class)) if line.revenue_code == DEPOSIT and line.unit_amount < 0 else line
        for line in lines
    ]
