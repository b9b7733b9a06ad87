"""Taking back attempts that wait for the client: something else replaces them, or nothing is left to pay."""

from django.utils.translation import gettext as _

from billing.models import Charge, Invoice
from hostbill.core import outgoing
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.states import transition

State = Charge.State
#: Shown to the client, so a new attempt may replace them; the others may still succeed by themselves.
WITHDRAWABLE = [State.OPEN, State.NEEDS_ACTION]


def lane_of(gateway) -> str:
    """The lane of calls to one configured gateway."""
    return f"gateway:{gateway.pk}"


def withdraw_charges(invoice: Invoice, *, actor) -> None:
    """Take back attempts that wait for the client. AppError "charge_under_way" if one may succeed by itself."""
    for charge in invoice.charges.live():
        if charge.state not in WITHDRAWABLE:
            raise AppError(_("A payment of this invoice is under way."), code="charge_under_way")
        _withdraw(charge, actor)


def withdraw_forms(invoice: Invoice, *, actor) -> None:
    """What is open has become less: nobody may pay the old amount any more. What is under way is left alone."""
    for charge in invoice.charges.filter(state__in=WITHDRAWABLE):
        _withdraw(charge, actor)


def _withdraw(charge: Charge, actor) -> None:
    transition(charge, "cancelled")
    audit(actor, "billing.charge_withdrawn", charge)
    cancel_at_gateway(charge)


def cancel_at_gateway(charge: Charge) -> None:
    """An old browser tab must not be able to pay it. Without a remote id the form was never shown."""
    if charge.remote_id:
        outgoing.queue("billing.charge_cancel", charge.pk, key=f"{charge.key}:cancel", lane=lane_of(charge.gateway))


def withdrawn_forms(charge: Charge) -> list[Charge]:
    """Attempts at the same invoices that we took back and the gateway has heard of: it may have been too late."""
    rows = Charge.objects.of_any(charge.invoices.all()).filter(state=State.CANCELLED).exclude(remote_id="")
    return list(rows.select_related("gateway").order_by("pk"))
