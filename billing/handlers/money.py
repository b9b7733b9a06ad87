"""Reactions to payments, charges, refunds, disputes and new cards."""

from billing.actions.collection import collect_with_new_method, next_try_on
from billing.events import (
    ChargeFailed,
    ChargeNeedsAction,
    DisputeOpened,
    PaymentMethodSaved,
    PaymentReceived,
    PaymentRefunded,
    RefundFailed,
    RefundMadeElsewhere,
)
from billing.models import Charge, Dispute, Invoice, Payment, PaymentMethod, Refund
from billing.queries.letters import charge_letter, dispute_letter, foreign_refund_letter, payment_letter, refund_letter
from clients.actions.staff_mail import mail_staff
from hostbill.core.access import SYSTEM
from hostbill.core.events import listen

from .mailing import mail_client

MAY_REFUND = "billing.payment.refund"


@listen(PaymentReceived, name="billing.mail_on_payment_received", later=True)
def mail_on_payment_received(event):
    """The receipt."""
    payment = Payment.objects.select_related("client").get(pk=event.payment_id)
    mail_client("billing.payment_received", payment.client, payment_letter(payment), f"payment:{payment.pk}", payment)


@listen(ChargeFailed, name="billing.mail_on_charge_failed", later=True)
def mail_on_charge_failed(event):
    """The card was refused; nothing to say when the invoice was paid meanwhile."""
    charge = Charge.objects.select_related("client", "invoice__client", "invoice__account", "payment_method").get(
        pk=event.charge_id
    )
    if charge.invoice.state == Invoice.State.ISSUED:
        letter = charge_letter(charge, next_try_on(charge))
        mail_client("billing.charge_failed", charge.client, letter, f"charge-failed:{charge.pk}", charge.invoice)


@listen(ChargeNeedsAction, name="billing.mail_on_charge_needs_action", later=True)
def mail_on_charge_needs_action(event):
    """The bank wants its client to confirm: here is the link."""
    charge = Charge.objects.select_related("client", "invoice__client", "payment_method").get(pk=event.charge_id)
    if charge.state == Charge.State.NEEDS_ACTION:
        key = f"charge-needs-action:{charge.pk}"
        mail_client("billing.charge_needs_action", charge.client, charge_letter(charge), key, charge.invoice)


@listen(PaymentRefunded, name="billing.mail_on_payment_refunded", later=True)
def mail_on_payment_refunded(event):
    """Money went back."""
    refund = Refund.objects.select_related("client", "payment", "invoice").get(pk=event.refund_id)
    mail_client("billing.refund_made", refund.client, refund_letter(refund), f"refund:{refund.pk}", refund)


@listen(RefundFailed, name="billing.tell_staff_on_refund_failed", later=True)
def tell_staff_on_refund_failed(event):
    """Somebody must find another way to return the money."""
    refund = Refund.objects.select_related("client", "payment", "invoice").get(pk=event.refund_id)
    letter = refund_letter(refund)
    letter = {name: letter[name] for name in ("client_name", "amount", "url")} | {"why": refund.message}
    mail_staff("billing.refund_failed", MAY_REFUND, letter, f"refund-failed:{refund.pk}", refund, refund.client_id)


@listen(RefundMadeElsewhere, name="billing.tell_staff_on_refund_made_elsewhere", later=True)
def tell_staff_on_refund_made_elsewhere(event):
    """Money left without anybody here knowing: who may refund hears of it."""
    refund = Refund.objects.select_related("client", "payment").get(pk=event.refund_id)
    key = f"refund-made-elsewhere:{refund.payment_id}:{refund.remote_id}"
    letter = foreign_refund_letter(refund)
    mail_staff("billing.refund_made_elsewhere", MAY_REFUND, letter, key, refund.payment, refund.client_id)


@listen(DisputeOpened, name="billing.tell_staff_on_dispute_opened", later=True)
def tell_staff_on_dispute_opened(event):
    """A payer's bank took money back; the gateway waits for an answer only for some days."""
    dispute = Dispute.objects.select_related("client", "payment").get(pk=event.dispute_id)
    key = f"dispute-opened:{dispute.pk}"
    mail_staff("billing.dispute_opened", MAY_REFUND, dispute_letter(dispute), key, dispute.payment, dispute.client_id)


@listen(PaymentMethodSaved, name="billing.charge_on_payment_method_saved", later=True)
def charge_on_payment_method_saved(event):
    """A new card is tried at once on what is overdue."""
    method = PaymentMethod.objects.select_related("client__billing_account").get(pk=event.payment_method_id)
    if method.removed_at is None and method.is_default and method.client.billing_account.auto_charge:
        collect_with_new_method(method, actor=SYSTEM)
