"""Attempts to take money. An action writes the row; the worker talks to the gateway; `settle_charge` writes the answer."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import ChargeFailed, ChargeNeedsAction
from billing.models import Charge, ChargePart, Invoice, Payment, PaymentMethod
from hostbill.core import clock, modules, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.fetch import fetch
from hostbill.core.money import Money
from hostbill.core.states import can, transition

from .account import lock_account, lock_account_of
from .evidence import note_card
from .payment import record_payment
from .payment_method import save_payment_method
from .withdrawal import WITHDRAWABLE, cancel_at_gateway, lane_of, withdraw_charges

State = Charge.State


def request_charge(invoice: Invoice, payment_method: PaymentMethod, *, actor, others=()) -> Charge:
    """Ask for the open amount from a saved method, without the client present. One live attempt per invoice.

    `others` are further invoices of the same client, paid by the same attempt.
    AppError: "not_open", "charge_under_way", "method_removed", "not_together"."""
    with transaction.atomic():
        invoices = _fresh(invoice, others)
        invoice = invoices[0]
        payment_method = PaymentMethod.objects.select_related("gateway").get(pk=payment_method.pk)
        if payment_method.removed_at or payment_method.client_id != invoice.client_id:
            raise AppError(_("This payment method was removed."), code="method_removed")
        for each in invoices:
            withdraw_charges(each, actor=actor)
        charge = _new_charge(
            invoices, payment_method.gateway, actor, payment_method=payment_method, is_off_session=True
        )
        outgoing.queue("billing.charge", charge.pk, key=charge.key, lane=lane_of(payment_method.gateway))
        audit(actor, "billing.charge_requested", charge)
    return charge


def start_checkout(invoice: Invoice, gateway, *, actor, others=(), consent_text="", ip=None) -> Charge:
    """The attempt behind a pay form. A form opened twice shows the same attempt, so that it can be paid only once.

    `others` are further invoices of the same client, paid by the same form.

    With `consent_text` (what the payer agreed to) the card is kept for what becomes due later. The caller asks the gateway's driver
    for the form unless the charge has a client_secret, then calls `note_checkout`. AppError: "not_open",
    "charge_under_way", "not_together"."""
    with transaction.atomic():
        invoices = _fresh(invoice, others)
        standing = invoices[0].charges.live().first()
        if standing and _fits(standing, invoices, gateway, consent_text):
            return standing
        for each in invoices:
            withdraw_charges(each, actor=actor)
        return _new_charge(
            invoices,
            gateway,
            actor,
            state=State.OPEN,
            saves_method=bool(consent_text),
            consent_text=consent_text[:500],
            consent_ip=ip if consent_text else None,
        )


def _fresh(invoice: Invoice, others) -> list[Invoice]:
    """The invoices as they are now, in the order given, under the lock of their one account."""
    account = lock_account(invoice.account)
    wanted = list(dict.fromkeys(row.pk for row in (invoice, *others)))
    found = Invoice.objects.in_bulk(wanted)
    if any(row.account_id != account.pk or row.currency != invoice.currency for row in found.values()):
        raise AppError(_("These invoices cannot be paid together."), code="not_together")
    return [found[pk] for pk in wanted]


def _fits(charge: Charge, invoices: list[Invoice], gateway, consent_text: str) -> bool:
    wanted = {invoice.pk: invoice.open_amount for invoice in invoices}
    return (
        charge.state in WITHDRAWABLE
        and charge.gateway_id == gateway.pk
        and dict(charge.parts.values_list("invoice_id", "amount")) == wanted
        and (charge.saves_method == bool(consent_text) or charge.is_off_session)
    )


def _new_charge(invoices: list[Invoice], gateway, actor, **fields) -> Charge:
    if any(invoice.state != Invoice.State.ISSUED for invoice in invoices):
        raise AppError(_("Nothing is open on this invoice."), code="not_open")
    first = invoices[0]
    charge = Charge.objects.create(
        key=f"charge-{uuid.uuid4()}",
        invoice=first,
        client_id=first.client_id,
        gateway=gateway,
        currency=first.currency,
        amount=_payable(gateway, sum((invoice.open for invoice in invoices[1:]), first.open)).amount,
        attempt=first.charges.count() + 1,
        requested_by=actor.label[:200],
        **fields,
    )
    ChargePart.objects.bulk_create(
        ChargePart(charge=charge, invoice=invoice, currency=invoice.currency, amount=invoice.open_amount)
        for invoice in invoices
    )
    return charge


def _payable(gateway, money: Money) -> Money:
    """What the gateway can take for it; what is above the invoices becomes the client's credit."""
    return modules.driver_class("gateway", gateway.driver).payable(money)


def note_checkout(charge: Charge, *, remote_id: str, client_secret: str) -> Charge:
    """Keep what the gateway gave for the pay form. One that was withdrawn meanwhile must not be shown: it is not live."""
    with transaction.atomic():
        lock_account(charge.invoice.account)
        charge = Charge.objects.select_related("gateway").get(pk=charge.pk)
        charge.remote_id, charge.client_secret = remote_id, client_secret
        charge.save(update_fields=["remote_id", "client_secret"])
        if charge.state == State.CANCELLED:
            cancel_at_gateway(charge)
    return charge


def note_unknown(charge: Charge) -> None:
    """The answer was lost: show that it is being looked up."""
    lock_account(charge.invoice.account)
    charge.refresh_from_db()
    if can(charge, "unknown"):
        transition(charge, "unknown")


def settle_charge(charge: Charge, result, *, actor=SYSTEM) -> Charge:
    """Write what the gateway says about a charge now (a gateways.base.ChargeResult). Safe to repeat, in any order:
    nothing undoes a success, and the payment counts once."""
    with transaction.atomic():
        account = lock_account_of(charge.client_id)
        charge = fetch(Charge, charge.pk, "gateway", "client")
        if result.remote_id and not charge.remote_id:
            charge.remote_id = result.remote_id
            charge.save(update_fields=["remote_id"])
        if result.state == "succeeded":
            _succeeded(charge, account, result, actor)
        elif charge.is_live or _is_revived(charge, result):
            _UNPAID.get(result.state, _declined)(charge, result)
    return charge


def _is_revived(charge: Charge, result) -> bool:
    """Withdrawn too late: the client had paid, and the money is on its way."""
    has_rival = Charge.objects.live().of_any(charge.invoices.all()).exists()
    return charge.state == State.CANCELLED and result.state == "processing" and not has_rival


def _succeeded(charge: Charge, account, result, actor) -> None:
    if charge.state != State.SUCCEEDED:
        transition(charge, "succeeded", client_secret="", message="", decline_code="")
        audit(actor, "billing.charge_succeeded", charge)
    if result.method and charge.saves_method:
        save_payment_method(
            charge.client,
            gateway=charge.gateway,
            method=result.method,
            actor=actor,
            consent_text=charge.consent_text,
            ip=charge.consent_ip,
            account=account,
            due_from=clock.today() + timedelta(days=1),  # a pay form is for its own invoices
        )
    _free_number(charge, actor)
    record_payment(
        account,
        gateway=charge.gateway,
        remote_id=charge.remote_id,
        money=charge.money,
        actor=actor,
        invoices=[Invoice(pk=part.invoice_id) for part in charge.parts.all()],
        charge=charge,
        fee=result.fee,
        method=_method_words(charge, result),
    )
    card = result.method or charge.payment_method
    if card and card.country:
        note_card([part.invoice_id for part in charge.parts.all()], card)


def _free_number(charge: Charge, actor) -> None:
    """Where somebody booked *other* money by hand under the gateway's number before we were told of it, theirs steps aside: what came
    in is never lost for a number. The same money of the same client is the same payment, and stays as it is."""
    standing = Payment.objects.filter(gateway=charge.gateway, remote_id=charge.remote_id, charge=None).first()
    if standing is None or (standing.client_id, standing.money) == (charge.client_id, charge.money):
        return
    standing.remote_id = f"{standing.remote_id[:220]} (by hand, {standing.pk})"
    standing.save(update_fields=["remote_id", "updated_at"])
    audit(actor, "billing.payment_renumbered", standing)


def _method_words(charge: Charge, result) -> str:
    if charge.payment_method:
        return str(charge.payment_method)
    if result.method:
        return f"{(result.method.brand or '').title()} •••• {result.method.last4}".strip()
    return charge.gateway.label


def _processing(charge: Charge, result) -> None:
    if charge.state != State.PROCESSING:
        transition(charge, "processing")


def _needs_action(charge: Charge, result) -> None:
    """The bank asks for the client. Not a refusal: no retry is used up, a pay link goes out."""
    if charge.state == State.OPEN:
        return
    secret = result.client_secret or charge.client_secret
    if charge.state == State.NEEDS_ACTION:
        charge.client_secret = secret
        charge.save(update_fields=["client_secret"])
        return
    transition(charge, "needs_action", client_secret=secret, message=(result.message or "")[:500])
    emit(ChargeNeedsAction(charge.pk))


def _cancelled(charge: Charge, result) -> None:
    if can(charge, "cancelled"):
        transition(charge, "cancelled")


def _declined(charge: Charge, result) -> None:
    if charge.state in WITHDRAWABLE and not result.decline_code:
        return  # a pay form that nobody has used yet
    told = {
        "decline_code": (result.decline_code or "")[:60],
        "message": (result.message or "")[:500],
        "is_hard_decline": result.is_hard_decline,
    }
    if charge.state in WITHDRAWABLE:
        # The pay form stays open for another card.
        for name, value in told.items():
            setattr(charge, name, value)
        charge.save(update_fields=list(told))
        return
    transition(charge, "failed", **told)
    emit(ChargeFailed(charge.pk))


#: What to do with an attempt by what the gateway says; anything else is a refusal.
_UNPAID = {"processing": _processing, "requires_action": _needs_action, "cancelled": _cancelled}


def give_up_charge(charge: Charge, *, code: str, message: str) -> Charge:
    """The gateway could not be asked at all, for good: a technical failure, not a refusal by the bank."""
    with transaction.atomic():
        lock_account(charge.invoice.account)
        charge = Charge.objects.get(pk=charge.pk)
        if charge.is_live and can(charge, "failed"):
            transition(charge, "failed", decline_code=code[:60], message=message[:500])
            emit(ChargeFailed(charge.pk))
    return charge


def drop_charge(charge: Charge) -> Charge:
    """It was never sent and is not needed any more."""
    with transaction.atomic():
        lock_account(charge.invoice.account)
        charge = Charge.objects.get(pk=charge.pk)
        if charge.is_live and can(charge, "cancelled"):
            transition(charge, "cancelled")
            audit(SYSTEM, "billing.charge_dropped", charge)
    return charge
