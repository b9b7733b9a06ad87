"""Changing what a subscription is: plan, cycle, quantity, options. Money first, then the service; each day is charged once."""

from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import SubscriptionChangeAsked, SubscriptionChangeLapsed
from billing.models import Invoice, InvoiceLine, LineCredit, Period, Subscription, SubscriptionChange
from billing.options import CHANGE_DAYS_TO_PAY, CLIENTS_CHANGE, DOWNGRADE_NOW
from billing.queries.change import NOW, ChangePlan, plan_change
from billing.queries.followers import plans_of_followers
from billing.queries.terms import terms_of
from billing.queries.wish import Wish, refuse_unfit, wished_terms
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.money import Money
from hostbill.core.states import transition

from .account import lock_account
from .change_apply import apply_billing, finish_change
from .change_preview import ChangePreview, preview
from .free_period import note_free_periods
from .give_back import give_back_by_notes, let_go, note_given_back
from .invoice import cancel_invoice, draft_invoice, issue_invoice
from .stock import move_stock
from .subscription import note_paid_period, resync_periods
from .succession import reissue_without

State = SubscriptionChange.State


def preview_change(subscription: Subscription, wish: Wish, *, when: str, for_staff: bool = False) -> ChangePreview:
    """What `request_change` would do, in the language in force; changes nothing. AppError as there."""
    subscription = _fetched(subscription)
    refuse_unfit(subscription)
    if not for_staff and not CLIENTS_CHANGE.value:
        raise AppError(_("Please ask us for changes."), code="not_offered")
    product, after = wished_terms(subscription, wish, when=when, on=clock.today(), for_staff=for_staff)
    plan = plan_change(subscription, product, after, terms_of(subscription), when=when, on=clock.today())
    seen = preview(plan, plans_of_followers(plan, on=clock.today()))
    if when == NOW and seen.by_notes and not for_staff and not DOWNGRADE_NOW.value:
        words = _("A cheaper plan begins when the paid time is over: choose that.")
        raise AppError(words, code="not_now", field="when")
    return seen


def request_change(
    subscription: Subscription,
    wish: Wish,
    *,
    when: str,
    actor,
    expected: Money | None = None,
    reason: str = "",
    for_staff: bool = False,
) -> SubscriptionChange:
    """Change it now (the difference is invoiced, and the service follows when it is paid) or at the end of what is paid.

    `expected`: what was shown as due now, less what is given back; another figure is refused. AppError: "price_changed", and as
    `refuse_unfit` and `wished_terms` say."""
    with transaction.atomic():
        lock_account(subscription.account)
        with translation.override(subscription.client.language):
            seen = preview_change(subscription, wish, when=when, for_staff=for_staff)
        if expected is not None and expected != seen.now.total:
            raise AppError(_("The price has changed since you saw it. Please check it again."), code="price_changed")
        change = _create(seen, seen.plan, actor, reason)
        family = [change, *(_create(seen, plan, actor, reason, leader=change) for plan in seen.followers)]
        move_stock(change, taking=True)
        _invoice_now(family, seen, actor)
        audit(actor, "billing.change_requested", subscription, reason=reason, changes=_in_words(seen.plan))
        emit(SubscriptionChangeAsked(change.pk))
        change = finish_change(change, actor=actor)
        _begin_free_rests(family, seen, actor)
    return change


def _fetched(subscription: Subscription) -> Subscription:
    rows = Subscription.objects.select_related("product__group", "account", "client__group")
    return rows.prefetch_related("items__option", "items__choice", "discounts").get(pk=subscription.pk)


def _invoice_now(family: list[SubscriptionChange], seen: ChangePreview, actor) -> None:
    """One document for all of them. What is exchanged before its day is invoiced by the new terms from now on."""
    invoice = _settle(family[0], seen, actor) if seen.is_invoiced_now else None
    for change, plan in zip(family, seen.plans, strict=True):
        if plan.is_invoiced_now:
            change.invoice = invoice
            change.save(update_fields=["invoice"])
            if change.when != NOW:
                apply_billing(change)


def _begin_free_rests(family: list[SubscriptionChange], seen: ChangePreview, actor) -> None:
    """What costs nothing from today on stands on no invoice; it is served to the end of its period all the same."""
    begun = []
    for change, plan in zip(family, seen.plans, strict=True):
        ends = [line.period.end for line in plan.charges if line.period]
        if plan.when == NOW and change.invoice_id is None and ends:
            row = Subscription.objects.get(pk=change.subscription_id)
            row.free_until = max(ends)
            row.save(update_fields=["free_until"])
            begun.append((note_paid_period(row), Period(plan.effective_on, max(ends))))
    note_free_periods(begun, actor=actor)


def _create(
    seen: ChangePreview, plan: ChangePlan, actor, reason: str, leader: SubscriptionChange | None = None
) -> SubscriptionChange:
    """What is charged and when it lapses stands with the leader."""
    row = plan.subscription
    return SubscriptionChange.objects.create(
        subscription=row,
        leader=leader,
        client_id=row.client_id,
        when=plan.when,
        state=State.UNPAID if plan.when == NOW else State.SCHEDULED,
        from_product_id=row.product_id,
        to_product=plan.product,
        to_cycle=plan.after.cycle,
        currency=row.currency,
        before=plan.before.as_json,
        after=plan.after.as_json,
        effective_on=plan.effective_on,
        expires_on=_lapses_on(plan) if plan.when == NOW and not leader else None,
        is_raise=plan.is_raise,
        due_amount=0 if leader else seen.due.amount,
        credit_amount=0 if leader else seen.credit.amount,
        asked_at=clock.now(),
        asked_by=actor.label[:200],
        reason=reason[:500],
    )


def _lapses_on(plan: ChangePlan):
    """Some days to pay, and never longer than what is invoiced now reaches: renewals wait for it until then."""
    last = clock.today() + timedelta(days=CHANGE_DAYS_TO_PAY.value)
    due = plan.before.next_due_on
    return max(min(last, due) if due else last, clock.today() + timedelta(days=1))


def _settle(change: SubscriptionChange, seen: ChangePreview, actor) -> Invoice | None:
    """The documents: one invoice with both sides, or credit notes and an invoice where more is given back than charged."""
    plan, account = seen.plan, change.subscription.account
    if seen.by_notes:
        with translation.override(plan.subscription.client.language):
            why = _("Change of %(name)s") % {"name": plan.subscription}
        give_back_by_notes(seen.unused, actor=actor, reason=why, change=change)
        lines = seen.charges
    else:
        let_go(seen.unused)
        lines = seen.lines
    if not lines or plan.when == NOW and not any(line.unit_amount for line in lines):
        note_given_back([] if seen.by_notes else seen.unused, change=change)
        return None
    invoice = draft_invoice(account, lines, kind=Invoice.Kind.CHANGE, due_on=plan.due_on)
    if not seen.by_notes:
        note_given_back(seen.unused, change=change, invoice=invoice)
    return issue_invoice(invoice, actor=actor)


def _in_words(plan: ChangePlan) -> dict:
    """For the log: what is different."""
    before, after = plan.before.as_json, plan.after.as_json
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def withdraw_change(change: SubscriptionChange, *, actor, reason: str = "") -> SubscriptionChange:
    """Take a change back that is not done: its unpaid invoice is cancelled, and everything is as it was. An addon that goes with
    its parent takes the parent's change back, and that its addons'.

    AppError: "not_under_way", "paid_already", "charge_under_way"."""
    with transaction.atomic():
        lock_account(change.subscription.account)
        change = _fresh(change)
        if change.leader and change.leader.is_under_way:
            change = _fresh(change.leader)
        _withdraw(change, actor, reason)
        for follower in change.followers.under_way().order_by("pk"):
            _withdraw(_fresh(follower), actor, reason)
    return change


def _fresh(change: SubscriptionChange) -> SubscriptionChange:
    return SubscriptionChange.objects.select_related("subscription__account", "invoice", "leader").get(pk=change.pk)


def _withdraw(change: SubscriptionChange, actor, reason: str) -> None:
    if not change.is_under_way:
        raise AppError(_("This change is not under way any more."), code="not_under_way")
    if change.invoice and change.invoice.state == Invoice.State.PAID and change.invoice.total_amount:
        raise AppError(_("It is paid already: change it again instead."), code="paid_already")
    transition(change, "withdrawn", reason=(reason or change.reason)[:500])
    _take_back(change, actor, reason)
    move_stock(change, taking=False)
    audit(actor, "billing.change_withdrawn", change.subscription, reason=reason, changes={})


def lapse_change(change: SubscriptionChange, *, actor) -> SubscriptionChange:
    """Its days to pay are over. What was paid for meanwhile is finished instead; while a payment of it may still succeed, it is left
    until that is known."""
    with transaction.atomic():
        lock_account(change.subscription.account)
        change = finish_change(change, actor=actor)
        if change.state != State.UNPAID:
            return change
        with translation.override(change.subscription.client.language):
            why = _("Not paid in time.")
        try:
            change = withdraw_change(change, actor=actor, reason=why)
        except AppError as error:
            if error.code != "charge_under_way":
                raise
            return change
        emit(SubscriptionChangeLapsed(change.pk))
    return change


def _take_back(change: SubscriptionChange, actor, reason: str) -> None:
    why = reason or _("Change taken back.")
    if change.is_billed:
        apply_billing(change, back=True)
    invoice = _bearing(change)
    if invoice and invoice.state in ("issued", "paid"):
        if invoice.kind == Invoice.Kind.CHANGE:
            cancel_invoice(invoice, actor=actor, reason=why)
        else:
            reissue_without(invoice, change.subscription, actor=actor, reason=why)
    change.subscription.refresh_from_db()
    if not change.subscription.cancel_at_end:
        resync_periods(change.subscription)


def _bearing(change: SubscriptionChange) -> Invoice | None:
    """Where its first period stands; of an addon perhaps on the invoice that was written anew without its parent's."""
    if change.invoice is None or change.invoice.kind == Invoice.Kind.CHANGE or not change.leader_id:
        return change.invoice
    lines = InvoiceLine.objects.filter(subscription_id=change.subscription_id, period_start=change.effective_on, released=False)
    line = lines.select_related("invoice").last()
    return line.invoice if line else change.invoice


def withdraw_open_change(subscription: Subscription, *, actor, reason: str) -> None:
    """What ends is not changed any more. Caller holds the account's lock. A change that is paid for is finished instead. An addon
    that ends before its parent's change begins stays behind alone."""
    change = subscription.changes.under_way().select_related("invoice").first()
    if change is None:
        return
    if change.state == State.UNPAID and finish_change(change, actor=actor).state == State.DONE:
        return
    if change.leader_id and change.state == State.SCHEDULED and not change.is_billed:
        _withdraw(_fresh(change), actor, reason)
    else:
        withdraw_change(change, actor=actor, reason=reason)


def changes_waiting_for(invoice: Invoice) -> list[SubscriptionChange]:
    """Changes that the payment of an invoice may let happen."""
    given = LineCredit.objects.filter(line__invoice=invoice, released=False, change__isnull=False).values("change_id")
    rows = SubscriptionChange.objects.under_way()
    return list((rows.filter(invoice=invoice) | rows.filter(pk__in=given)).distinct().order_by("pk"))
