"""The moment at which new terms come into force."""

from dataclasses import replace

from django.db import transaction
from django.db.models import Prefetch

from billing.events import SubscriptionChanged, SubscriptionChangeDone
from billing.models import Invoice, LineCredit, Subscription, SubscriptionChange, SubscriptionItem
from billing.queries.pricing import PRICED
from billing.queries.terms import Terms, write_terms
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.events import emit
from hostbill.core.states import transition

from .account import lock_account
from .discount import end_on_change, use_up
from .subscription import note_paid_period

#: What has to be fetched with subscriptions whose terms may change with the next period.
SCHEDULED = Prefetch(
    "changes",
    SubscriptionChange.objects.filter(state="scheduled").select_related("to_product"),
    to_attr="scheduled_changes",
)


def with_new_terms(subscription: Subscription) -> tuple[Subscription, SubscriptionChange | None]:
    """The subscription as its next period is to be invoiced, and the change that begins with it, if one does.

    Rows come with `SCHEDULED`. The product is the new one in memory only, until the change is finished."""
    waiting = [row for row in subscription.scheduled_changes if row.effective_on <= subscription.next_due_on]
    if not waiting:
        return subscription, None
    change, begins = waiting[0], not waiting[0].is_billed
    if begins:
        apply_billing(change)
        fresh = Subscription.objects.select_related("product", "client__group").prefetch_related(*PRICED)
        subscription = fresh.get(pk=subscription.pk)
        subscription.scheduled_changes = waiting
    subscription.product = change.to_product
    return subscription, change if begins else None


def finish_change(change: SubscriptionChange, *, actor) -> SubscriptionChange:
    """Let the change happen if its day has come and what has to be paid is paid; else it stays as it is."""
    with transaction.atomic():
        lock_account(change.subscription.account)
        related = ("subscription__product", "to_product", "invoice", "leader__invoice", "leader__subscription")
        change = SubscriptionChange.objects.select_related(*related).get(pk=change.pk)
        if not change.is_under_way or not is_ready(change):
            return change
        if not change.is_billed:
            apply_billing(change)
        subscription = change.subscription
        subscription.refresh_from_db()
        subscription.product = change.to_product
        subscription.save(update_fields=["product"])
        transition(change, "done")
        audit(actor, "billing.subscription_changed", subscription, reason=change.reason)
        emit(SubscriptionChanged(subscription.pk))
        if not change.leader_id:
            emit(SubscriptionChangeDone(change.pk))
            for follower in change.followers.filter(state=SubscriptionChange.State.UNPAID).order_by("pk"):
                finish_change(follower, actor=actor)
    return change


def is_ready(change: SubscriptionChange) -> bool:
    """Its day has come, and nothing is open of its invoice or of those that it gave time of back. A downgrade does not wait
    for the renewal to be paid."""
    if change.effective_on > clock.today() or not change.subscription.is_running:
        return False
    if change.state == SubscriptionChange.State.SCHEDULED:
        return change.is_billed and (not change.is_raise or _is_paid(change.invoice))
    if change.leader:
        return change.leader.state == SubscriptionChange.State.DONE
    others = LineCredit.objects.filter(
        change=change, released=False, invoice__isnull=False, line__invoice__state="issued"
    )
    by_notes = change.credit_amount > 0
    return (by_notes or _is_paid(change.invoice)) and not others.exists()


def _is_paid(invoice: Invoice | None) -> bool:
    return invoice is None or invoice.state == Invoice.State.PAID


def apply_billing(change: SubscriptionChange, *, back: bool = False) -> None:
    """From now on periods are invoiced by the new terms (`back`: by the old ones again); the product is not touched."""
    subscription = Subscription.objects.select_related("product").get(pk=change.subscription_id)
    after, before = Terms.from_json(change.after), Terms.from_json(change.before)
    terms, other = (before, after) if back else (after, before)
    if terms.same_calendar(other):
        terms = replace(terms, **_calendar_of(subscription))
    elif subscription.free_until:
        # What was free by the old calendar ends here: a period of the new one begins.
        subscription.free_until = min(subscription.free_until, change.effective_on)
    if (terms.product_id, terms.cycle) != (other.product_id, other.cycle):
        subscription.scheduled_prices.filter(applied_at=None).delete()
    write_terms(subscription, terms).save()
    note_paid_period(subscription)
    write_items(subscription, terms)
    if not back:
        _end_discounts(subscription, change, before, after)
    change.is_billed = not back
    change.save(update_fields=["is_billed"])
    change.subscription.refresh_from_db()


def _calendar_of(subscription: Subscription) -> dict:
    names = ("origin_on", "counted_on", "anchor_day", "period_index", "next_due_on")
    return {name: getattr(subscription, name) for name in names}


def _end_discounts(subscription: Subscription, change: SubscriptionChange, before: Terms, after: Terms) -> None:
    """Those that were for the old plan are over; a period that began with the change counts for the others."""
    if before.product_id != after.product_id:
        end_on_change(subscription)
    if not before.same_calendar(after) and change.invoice_id and change.invoice.kind == Invoice.Kind.CHANGE:
        use_up(subscription, change.effective_on)
        subscription.save(update_fields=["price_amount"])


def write_items(subscription: Subscription, terms: Terms) -> None:
    """Make the options exactly these; an option that stays keeps its row, by which its lines are named."""
    subscription.items.exclude(option_id__in=[item.option for item in terms.items]).delete()
    for item in terms.items:
        values = {"choice_id": item.choice, "quantity": item.quantity, "unit_amount": item.unit}
        values |= {"setup_amount": item.setup, "description": item.description}
        SubscriptionItem.objects.update_or_create(subscription=subscription, option_id=item.option, defaults=values)
