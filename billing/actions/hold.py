"""Invoices that wait for an answer about a VAT number: drafts until then, where the option says so."""

from datetime import timedelta

from django.db import transaction

from billing.models import Invoice, TaxProfile
from billing.options import VAT_CHECK_DOWN, VAT_HOLD_DAYS
from billing.queries.tax import EU_BUSINESS
from billing.queries.tax_rules import buyer_of, load_rules, profile_of
from hostbill.core import clock
from hostbill.core.audit import audit

from .draft import issue_draft, note_totals
from .invoice import issue_invoice
from .vat_check import recheck


def must_wait(client) -> bool:
    """Whether an answer that may come would change the client's tax, and the option says to wait for it."""
    profile = profile_of(client) if VAT_CHECK_DOWN.value == "hold" else None
    if profile is None or not profile.is_open:
        return False
    rules, buyer = load_rules(), buyer_of(client)
    return not buyer.is_business and rules.supply(buyer.confirmed())[0] == EU_BUSINESS


def issue_or_hold(invoice: Invoice, *, actor) -> Invoice:
    """Issue a draft, unless it must wait: then it stays a draft with its totals, and is issued when the answer is there."""
    if not must_wait(invoice.client):
        return issue_invoice(invoice, actor=actor)
    invoice.held_at = clock.now()
    note_totals(invoice)
    audit(actor, "billing.invoice_held", invoice)
    return invoice


def release_held(invoice: Invoice, *, actor) -> Invoice:
    """Issue a draft that was held back, taxed by what is known now. Its due date is not before today."""
    with transaction.atomic():
        if invoice.due_on < clock.today():
            Invoice.objects.filter(pk=invoice.pk, state="draft").update(due_on=clock.today())
        return issue_draft(invoice, actor=actor)


def held_drafts():
    """What waits, the longest first."""
    rows = Invoice.objects.filter(state="draft", held_at__isnull=False)
    return rows.select_related("client__tax_profile", "account").order_by("held_at", "pk")


def look_after(invoice: Invoice, *, actor) -> str:
    """Issue it when it need not wait any more or has waited long enough; else ask again when the office stayed silent.
    Returns "released", "asked" or "waits"."""
    if not must_wait(invoice.client) or clock.now() - invoice.held_at >= timedelta(days=VAT_HOLD_DAYS.value):
        release_held(invoice, actor=actor)
        return "released"
    if profile_of(invoice.client).state == TaxProfile.State.UNANSWERED:
        recheck(invoice.client, actor=actor)
        return "asked"
    return "waits"
