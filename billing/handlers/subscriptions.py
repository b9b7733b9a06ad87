"""Reactions to what becomes of subscriptions: changes, handing over, rest, suspension, end."""

from billing.actions.change import changes_waiting_for
from billing.actions.change_apply import finish_change
from billing.actions.pause import end_pause
from billing.actions.suspended_days import credit_suspended_days
from billing.events import (
    InvoicePaid,
    SubscriptionCancelled,
    SubscriptionChangeAsked,
    SubscriptionChangeDone,
    SubscriptionChangeLapsed,
    SubscriptionEnded,
    SubscriptionResumed,
    SubscriptionSuspended,
    TransferOffered,
)
from billing.models import Invoice, Subscription, SubscriptionChange, Suspension, Transfer
from billing.queries.dunning import plan_for
from billing.queries.letters import change_letter, late_letter, subscription_letter, transfer_letter
from hostbill.core.access import SYSTEM
from hostbill.core.events import listen

from .mailing import mail_client


@listen(InvoicePaid, name="billing.finish_change_on_invoice_paid")
def finish_change_on_invoice_paid(event):
    """A change that waited for this money happens."""
    invoice = Invoice.objects.get(pk=event.invoice_id)
    for change in changes_waiting_for(invoice):
        finish_change(change, actor=SYSTEM)


@listen(SubscriptionResumed, name="billing.end_pause_on_subscription_resumed")
def end_pause_on_subscription_resumed(event):
    """A pause that ran out is charged again."""
    end_pause(Subscription.objects.select_related("account").get(pk=event.subscription_id), actor=SYSTEM)


@listen(SubscriptionResumed, name="billing.credit_suspended_days_on_subscription_resumed")
def credit_suspended_days_on_resumed(event):
    """The days for which it was suspended are given back, where the settings say so."""
    credit_suspended_days(Subscription.objects.select_related("account").get(pk=event.subscription_id), actor=SYSTEM)


@listen(SubscriptionChangeAsked, name="billing.mail_on_change_asked", later=True)
def mail_on_change_asked(event):
    """A change for a later day, confirmed; one for now has its invoice or is done."""
    change = _change(event)
    if change.state == SubscriptionChange.State.SCHEDULED:
        mail_client("billing.change_scheduled", change.client, change_letter(change), f"change:{change.pk}:asked", change.subscription)


@listen(SubscriptionChangeDone, name="billing.mail_on_change_done", later=True)
def mail_on_change_done(event):
    """It is in force."""
    change = _change(event)
    mail_client("billing.change_done", change.client, change_letter(change), f"change:{change.pk}:done", change.subscription)


@listen(SubscriptionChangeLapsed, name="billing.mail_on_change_lapsed", later=True)
def mail_on_change_lapsed(event):
    """It was not paid for."""
    change = _change(event)
    mail_client("billing.change_lapsed", change.client, change_letter(change), f"change:{change.pk}:lapsed", change.subscription)


def _change(event) -> SubscriptionChange:
    rows = SubscriptionChange.objects.select_related("client", "subscription__client", "from_product", "to_product")
    return rows.get(pk=event.change_id)


@listen(TransferOffered, name="billing.mail_on_transfer_offered", later=True)
def mail_on_transfer_offered(event):
    """The taker is asked."""
    transfer = Transfer.objects.select_related("to_client", "from_client", "subscription__product").get(pk=event.transfer_id)
    if transfer.state == Transfer.State.OFFERED:
        key = f"transfer:{transfer.pk}:offered"
        mail_client("billing.transfer_offered", transfer.to_client, transfer_letter(transfer), key, transfer.subscription)


@listen(SubscriptionSuspended, name="billing.mail_on_subscription_suspended", later=True)
def mail_on_subscription_suspended(event):
    """Suspended because an invoice is unpaid: one mail per invoice, however many services are on it."""
    subscription = Subscription.objects.select_related("client").get(pk=event.subscription_id)
    suspension = subscription.suspensions.filter(
        kind=Suspension.Kind.NONPAYMENT, lifted_at__isnull=True, invoice__state="issued"
    ).first()
    if suspension:
        invoice, plan = suspension.invoice, plan_for(suspension.invoice)
        letter = late_letter(invoice, suspend_on=plan.suspend_on, end_on=plan.end_on)
        # Suspended again after more days were given is told again.
        key = f"suspended:{invoice.pk}:{suspension.started_at:%Y%m%d}"
        mail_client("billing.suspended_for_nonpayment", subscription.client, letter, key, invoice)


@listen(SubscriptionCancelled, name="billing.mail_on_subscription_cancelled", later=True)
def mail_on_subscription_cancelled(event):
    """The cancellation confirmed with its day; one that ends at once gets the other mail only."""
    subscription = Subscription.objects.select_related("client", "product").get(pk=event.subscription_id)
    if subscription.cancel_on and subscription.is_running and subscription.next_due_on is None:
        key = f"subscription-cancelled:{subscription.pk}:{subscription.cancel_on}"
        letter = subscription_letter(subscription)
        mail_client("billing.subscription_cancelled", subscription.client, letter, key, subscription)


@listen(SubscriptionEnded, name="billing.mail_on_subscription_ended", later=True)
def mail_on_subscription_ended(event):
    """It is over."""
    subscription = Subscription.objects.select_related("client", "product").get(pk=event.subscription_id)
    key = f"subscription-ended:{subscription.pk}"
    mail_client("billing.subscription_ended", subscription.client, subscription_letter(subscription), key, subscription)
