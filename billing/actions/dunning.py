"""What automation does about an unpaid invoice, each step a function of the invoice as it is now."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from billing.models import Invoice, Stay, Subscription, Suspension

from .account import lock_account
from .cancellation import cancel_subscription, end_subscription
from .suspension import suspend_subscription


def _subscriptions(invoice: Invoice, *states: str):
    rows = Subscription.objects.filter(pk__in=invoice.lines.values("subscription_id"), state__in=states)
    return rows.order_by("pk")


def _may_act(invoice: Invoice) -> bool:
    """Not when it was paid meanwhile, money is on its way, or its client has been given more days."""
    if invoice.state != Invoice.State.ISSUED or invoice.charges.filter(state="processing").exists():
        return False
    return not Stay.objects.in_force().filter(invoice=invoice).exists()


def _said(invoice: Invoice, words: str) -> str:
    """A reason that the client reads, in the client's language."""
    with translation.override(invoice.client.language):
        return gettext(words) % {"number": invoice.number}


def suspend_for(invoice: Invoice, *, actor) -> list[Suspension]:
    """Suspend what the unpaid invoice bills. Nothing happens when it was paid meanwhile, or a payment is processing."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        if not _may_act(invoice):
            return []
        reason = _said(invoice, gettext_noop("Invoice %(number)s is unpaid."))
        return [
            suspend_subscription(row, kind=Suspension.Kind.NONPAYMENT, reason=reason, invoice=invoice, actor=actor)
            for row in _subscriptions(invoice, "active", "suspended")
        ]


def end_for(invoice: Invoice, *, actor) -> list[Subscription]:
    """End what the unpaid invoice bills, for good; what was never begun is cancelled."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        if not _may_act(invoice):
            return []
        reason = _said(invoice, gettext_noop("Invoice %(number)s was not paid"))
        ended = [
            end_subscription(row, actor=actor, reason=reason) for row in _subscriptions(invoice, "active", "suspended")
        ]
        for row in _subscriptions(invoice, "pending"):
            ended.append(cancel_subscription(row, when="now", reason=reason, actor=actor))
        return ended
