"""An accepted quote becomes its invoices and, for products, an order: once, however often it is asked for."""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Invoice, Quote, QuoteLine, SetupOn, Subscription
from billing.options import ORDER_DUE_DAYS
from billing.queries.deposit import deposit_groups
from billing.queries.quote_sums import SAME_NAME
from clients.actions.client import create_client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock

from .acceptance import accept, activate_ordered, has_pending
from .account import lock_account, open_account
from .draft import issue_draft, note_totals
from .invoice import NewLine, draft_invoice, issue_invoice, write_lines
from .lines import line_again
from .order_terms import Terms
from .staff_order import Ordered, order_for_client


def convert_quote(quote: Quote, *, actor) -> Quote:
    """Make the client (of somebody who was none), the order of the products and the invoice; with a deposit the invoice
    over it, and the rest as a draft. AppError: "not_accepted", "currency_mismatch", and as `place_order` and `issue_invoice`."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.converted_at:
            return quote
        if quote.state != Quote.State.ACCEPTED:
            raise AppError(_("Only an accepted quote is invoiced."), code="not_accepted")
        quote.client = quote.client or _new_client(quote)
        order = _order(quote, actor)
        account = lock_account(open_account(quote.client))
        if account.currency != quote.currency:
            raise AppError(_("This client is kept in %(currency)s.") % {"currency": account.currency}, code="currency_mismatch")
        quote.order = order
        quote.invoice, quote.rest_invoice = _invoices(quote, account, order, actor)
        quote.rest_on = _rest_on(quote)
        quote.converted_at, quote.trouble = clock.now(), ""
        quote.save()
        audit(actor, "billing.quote_invoiced", quote)
    return quote


def invoice_rest(quote: Quote, *, actor) -> Invoice:
    """Issue what the deposit left: it is delivered, or its day has come. Asked for twice it is issued once.

    AppError "no_rest" without one."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.rest_invoice is None:
            raise AppError(_("Nothing is left to be invoiced."), code="no_rest")
        draft = quote.rest_invoice
        if draft.state == Invoice.State.DRAFT:
            lock_account(draft.account)
            draft.due_on = clock.today() + timedelta(days=ORDER_DUE_DAYS.value)
            draft.save(update_fields=["due_on"])
        issued = issue_draft(draft, actor=actor)
        if quote.rest_on:
            quote.rest_on = None
            quote.save(update_fields=["rest_on"])
        audit(actor, "billing.quote_rest_invoiced", quote, reason=str(issued), changes={})
    return issued


def begin_on_deposit(invoice: Invoice, *, actor) -> None:
    """The deposit is paid: what was ordered with the quote begins, as after any first payment."""
    with transaction.atomic():
        lock_account(invoice.account)
        quote = Quote.objects.filter(invoice=invoice, rest_invoice__isnull=False).select_related("order").first()
        order = quote.order if quote else None
        if order is None or order.state in ("cancelled", "fraud"):
            return
        activate_ordered(order, {SetupOn.PAYMENT, SetupOn.NEVER, SetupOn.ORDER}, actor=actor)
        if not has_pending(order):
            accept(order, actor=actor)


def _new_client(quote: Quote):
    fields = {name: getattr(quote, name) for name in SAME_NAME}
    return create_client(actor=SYSTEM, **fields, state=quote.region, currency=quote.currency)


def _order(quote: Quote, actor):
    """The products of the quote as an order at its prices, whose invoice stays a draft; None without products."""
    lines = [line for line in quote.lines.select_related("product") if line.product_id]
    if not lines:
        return None
    ordered = [
        Ordered(
            line.product, line.cycle, int(line.quantity), line.answers, (line.unit_amount, line.setup_amount, quote.includes_tax)
        )
        for line in lines
    ]
    reason = _("Quote %(number)s") % {"number": quote}
    terms = Terms(reason=reason, invoice="draft", mail=False)
    as_system = replace(SYSTEM, label=actor.label, ip=actor.ip)
    order = order_for_client(quote.client, ordered, terms=terms, key=f"quote-{quote.pk}", actor=as_system)
    # What was signed holds at renewals too, whatever the catalogue or a group's discount say later.
    Subscription.objects.filter(order_line__order=order).update(price_is_override=True, updated_at=clock.now())
    return order


def _invoices(quote: Quote, account, order, actor) -> tuple[Invoice, Invoice | None]:
    """(the first invoice, the draft of the rest or None)."""
    due_on = clock.today() + timedelta(days=ORDER_DUE_DAYS.value)
    with translation.override(quote.client.language):
        lines = _lines(quote, order)
        first, deducted = _deposit(quote) if quote.deposit_kind else ([], [])
    if not first:
        return issue_invoice(_draft(quote, account, order, lines, due_on), actor=actor), None
    rest = _draft(quote, account, order, [*lines, *deducted], due_on)
    note_totals(rest)
    invoice = draft_invoice(account, first, kind=Invoice.Kind.MANUAL, due_on=due_on)
    return issue_invoice(invoice, actor=actor), rest


def _draft(quote: Quote, account, order, lines: list[NewLine], due_on) -> Invoice:
    """The order's own draft filled up, or a new one."""
    if order is None:
        return draft_invoice(account, lines, kind=Invoice.Kind.MANUAL, due_on=due_on)
    draft = order.invoice
    draft.lines.all().delete()
    draft.taxes.all().delete()
    write_lines(draft, lines)
    return draft


def _lines(quote: Quote, order) -> list[NewLine]:
    """What the order's draft says of the products, then the rest of the quote; each discount on a line of its own."""
    ordered = order.invoice.lines.select_related("subscription") if order else []
    lines = [line_again(line) for line in ordered]
    for line in quote.lines.all():
        if not line.product_id:
            gross = line.asked.amount if quote.includes_tax else None
            lines.append(NewLine(line.description, line.unit_amount, line.quantity, tax_class=line.tax_class, gross_amount=gross))
        if not line.asked_off.is_zero:
            lines.append(_discount(line, quote))
    return lines


def _discount(line: QuoteLine, quote: Quote) -> NewLine:
    percent = f"{line.discount_percent.normalize():f}"
    words = _("Discount of %(percent)s %% on %(what)s") % {"percent": percent, "what": line.description}
    revenue = line.product.kind if line.product_id else "manual"
    off = -line.asked_off.amount
    gross = off if quote.includes_tax else None
    return NewLine(words, off, tax_class=line.tax_class, revenue_code=revenue, gross_amount=gross)


def _deposit(quote: Quote) -> tuple[list[NewLine], list[NewLine]]:
    """The lines of the deposit's invoice, one per tax class, and those that take it off the rest."""
    on = _("Deposit on quote %(number)s") % {"number": quote}
    less = _("Less the deposit on quote %(number)s") % {"number": quote}
    first, deducted = [], []
    for group, part in deposit_groups(quote):
        if part:
            net, gross = group.net_of(part, quote.currency), None if group.gross is None else part
            common = {"tax_class": group.tax_class, "revenue_code": "deposit"}
            first.append(NewLine(on, net, gross_amount=gross, **common))
            deducted.append(NewLine(less, -net, gross_amount=None if gross is None else -gross, **common))
    return first, deducted


def _rest_on(quote: Quote):
    if quote.rest_invoice is None or quote.rest_when != Quote.Rest.DAYS:
        return None
    return clock.today() + timedelta(days=quote.rest_days)
