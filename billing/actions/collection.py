"""Charging saved cards by themselves: on the due date and again some days later, never after a final refusal."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q

from billing.models import Charge, Dispute, Invoice, PaymentMethod
from billing.options import CHARGE_RETRY_DAYS, SPARE_DISPUTED_CARDS
from hostbill.core import clock

from .account import lock_account
from .charge import request_charge


def retry_days() -> list[int]:
    """Days after the due date on which a charge is tried, ascending; unreadable parts of the option are skipped."""
    parts = CHARGE_RETRY_DAYS.value.replace(";", ",").split(",")
    return sorted({int(part) for part in parts if part.strip().isdigit()})


def default_method(client) -> PaymentMethod | None:
    """The method that renewals are charged to; none while its owner disputes a payment made with it."""
    method = PaymentMethod.objects.usable().filter(client=client, is_default=True).first()
    return None if method is None or is_spared(method) else method


def method_for(invoice: Invoice) -> PaymentMethod | None:
    """The method that this invoice is charged to by itself; None when its client pays it."""
    method = default_method(invoice.client) if invoice.account.auto_charge else None
    return method if method and method.covers(invoice) else None


def waiting_for_a_card(today: date):
    """Unpaid invoices that are due, of clients with automatic charges on: a card saved now is charged for them. What was
    paid once and went back (refund, chargeback) is never taken again by itself."""
    return (
        Invoice.objects.unpaid()
        .filter(due_on__lte=today, collections_at=None, account__auto_charge=True, account__parked_at__isnull=True)
        .exclude(charges__state=Charge.State.SUCCEEDED)
        .exclude(refunds__isnull=False)
        .order_by("due_on", "pk")
    )


def collectable(today: date):
    """Those of clients with a usable default card, kept for them."""
    agreed = Q(client__payment_methods__due_from=None) | Q(client__payment_methods__due_from__lte=F("due_on"))
    return waiting_for_a_card(today).filter(
        agreed, client__payment_methods__is_default=True, client__payment_methods__removed_at__isnull=True
    )


def collect(invoice: Invoice, *, actor) -> Charge | None:
    """Charge the saved card if a try is due today; None when it is not."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client", "account").get(pk=invoice.pk)
        method = method_for(invoice)
        wanted = collectable(clock.today()).filter(pk=invoice.pk).exists()
        if not wanted or method is None or not _is_try_due(invoice, method):
            return None
        return request_charge(invoice, method, actor=actor)


def is_spared(method: PaymentMethod) -> bool:
    """Its owner disputes a payment made with it. A payment by form names no saved method: then any that was kept by then."""
    if not SPARE_DISPUTED_CARDS.value:
        return False
    by_form = Q(payment__charge__payment_method=None, created_at__gte=method.created_at)
    disputes = Dispute.objects.filter(
        client_id=method.client_id, gateway_id=method.gateway_id, state=Dispute.State.OPEN
    )
    same = Q(payment__charge__payment_method=method)
    if method.fingerprint:  # stored anew it is still the card whose owner disputes
        same |= Q(payment__charge__payment_method__fingerprint=method.fingerprint)
    return disputes.filter(by_form | same).exists()


def _is_try_due(invoice: Invoice, method: PaymentMethod) -> bool:
    """The latest day of the schedule has come, nothing was tried since, and no refusal was final.

    A missed run makes one try, not several. A charge that waits for the client's confirmation is left to the client."""
    if invoice.charges.live().exclude(state=Charge.State.OPEN).exists():
        return False
    tries = invoice.charges.filter(is_off_session=True)
    if tries.filter(payment_method=method, is_hard_decline=True).exists():
        return False
    reached = [day for day in retry_days() if invoice.due_on + timedelta(days=day) <= clock.today()]
    if not reached:
        return False
    latest = clock.start_of(invoice.due_on + timedelta(days=reached[-1]))
    return not tries.filter(created_at__gte=latest).exists()


def next_try_on(charge: Charge) -> date | None:
    """The day on which a refused card is tried again by itself; None after a final refusal or the last try."""
    invoice, today = charge.invoice, clock.today()
    if charge.is_hard_decline or not charge.is_off_session or not invoice.account.auto_charge:
        return None
    days = (invoice.due_on + timedelta(days=day) for day in retry_days())
    return next((day for day in days if day > today), None)


def collect_with_new_method(payment_method: PaymentMethod, *, actor) -> list[Charge]:
    """A new card is tried at once on everything that is due and that it was kept for, whatever became of the old one."""
    charges = []
    due = collectable(clock.today()).filter(client=payment_method.client)
    for invoice in due.exclude(pk__in=payment_method.charges.values("invoices")):
        if not invoice.charges.live().exclude(state__in=["open", "needs_action"]).exists():
            charges.append(request_charge(invoice, payment_method, actor=actor))
    return charges
