"""More days to pay: what is suspended for an invoice comes back at once, and is suspended again when they have passed."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Invoice, Stay, Suspension
from billing.queries.dunning import plan_for
from billing.queries.stay import offer_for
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account
from .dunning import suspend_for
from .suspension import lift_suspension


def ask_for_days(invoice: Invoice, *, days: int, actor, reason="") -> Stay:
    """Give the client `days` more, as far as the settings allow. AppError: "no_stay", "too_many_days"."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        offer = offer_for(invoice)
        if offer.refusal:
            raise AppError(offer.refusal, code="no_stay")
        if not 1 <= days <= offer.days:
            raise AppError(
                _("At most %(days)d days are possible.") % {"days": offer.days}, code="too_many_days", field="days"
            )
        return _give(invoice, clock.today() + timedelta(days=days), actor, reason)


def give_days(invoice: Invoice, *, until: date, actor, reason: str) -> Stay:
    """Staff give days up to and including `until`, as often as they like: a promise to pay is taken. AppError: "not_open",
    "until_passed"."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        if invoice.state != Invoice.State.ISSUED:
            raise AppError(_("Nothing is open on this invoice."), code="not_open")
        if until < clock.today():
            raise AppError(_("This day has passed."), code="until_passed", field="until")
        return _give(invoice, until, actor, reason)


def _give(invoice: Invoice, until: date, actor, reason: str) -> Stay:
    """Write the stay and bring back what is suspended for the invoice. Caller holds the account's lock."""
    values = {"client_id": invoice.client_id, "until": until, "granted_at": clock.now(), "ended_at": None}
    values |= {"granted_by": actor.label[:200], "reason": reason[:300]}
    stay, _made = Stay.objects.update_or_create(invoice=invoice, defaults=values)
    audit(actor, "billing.more_days_given", invoice, reason=f"{until:%Y-%m-%d} {stay.reason}".strip())
    for suspension in _suspensions(invoice):
        lift_suspension(suspension, actor=actor, reason=_("More days until %(day)s.") % {"day": f"{until:%Y-%m-%d}"})
    return stay


def _suspensions(invoice: Invoice):
    """In force because of this invoice."""
    rows = Suspension.objects.filter(lifted_at__isnull=True, kind=Suspension.Kind.NONPAYMENT, invoice=invoice)
    return rows.select_related("subscription__account").order_by("subscription_id")


def end_stay(stay: Stay, *, actor) -> Stay:
    """The days have passed: from now on the rules hold again. What they would have suspended meanwhile is suspended now.

    Nothing happens when somebody has given other days since the caller looked."""
    with transaction.atomic():
        lock_account(stay.invoice.account)
        known, stay = stay.until, Stay.objects.select_related("invoice__account").get(pk=stay.pk)
        if stay.ended_at or stay.until != known:
            return stay
        stay.ended_at = clock.now()
        stay.save(update_fields=["ended_at"])
        suspend_on = plan_for(stay.invoice).suspend_on
        if suspend_on and suspend_on <= clock.today():
            suspend_for(stay.invoice, actor=actor)
    return stay
