"""Changes of prices of many running subscriptions: prepared, looked at, entered in the background, told, withdrawn.

Work is cut into chunks by the number of the subscription; each chunk is one transaction that also notes how far it got, so a
worker that dies repeats nothing and forgets nothing."""

import time
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.models import PriceUpdate, ScheduledPrice, Subscription
from billing.options import PRICE_NOTICE_DAYS
from billing.queries.letters_price import price_change_letter
from billing.queries.price_update import KEY, NewPrices, affected
from hostbill.core import clock, outgoing
from hostbill.core.access import require
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.notify import notify
from hostbill.core.states import transition

from .account import lock_account

OUTGOING_KIND, NOTICE = "billing.price_update", "billing.price_change"
ROWS, MAILS = 2000, 50
EDIT = "billing.price_update.edit"


def create_price_update(*, actor, products=(), **fields) -> PriceUpdate:
    """Prepare a change; nobody is affected before it is begun. AppError: "figure", "too_early"."""
    require(actor, EDIT)
    update = PriceUpdate(**fields)
    _check(update)
    with transaction.atomic():
        update.save()
        update.products.set(products)
        audit(actor, "billing.price_update_created", update)
    return update


def update_price_update(update: PriceUpdate, *, actor, products=(), **fields) -> PriceUpdate:
    """Change one that has not begun. AppError "begun"."""
    require(actor, EDIT)
    with transaction.atomic():
        update = PriceUpdate.objects.select_for_update().get(pk=update.pk)
        if update.state != PriceUpdate.State.DRAFT:
            raise AppError(_("It has been begun and cannot be changed any more."), code="begun")
        for name, value in fields.items():
            setattr(update, name, value)
        _check(update)
        update.save()
        update.products.set(products)
        audit(actor, "billing.price_update_changed", update)
    return update


def _check(update: PriceUpdate) -> None:
    how = update.how
    if how == PriceUpdate.How.PERCENT and not update.percent:
        raise AppError(_("Say how many percent."), code="figure", field="percent")
    if how in (PriceUpdate.How.AMOUNT, PriceUpdate.How.EXACT) and update.amount is None:
        raise AppError(_("Enter the amount."), code="figure", field="amount")
    if how == PriceUpdate.How.EXACT and update.amount < 0:
        raise AppError(_("A price cannot be negative."), code="figure", field="amount")
    if how == PriceUpdate.How.PERCENT and not -100 <= update.percent <= 1000:
        raise AppError(_("From -100 to 1000."), code="figure", field="percent")
    _check_day(update.starts_on, "starts_on")


def _check_day(day: date, field: str) -> None:
    first = clock.today() + timedelta(days=PRICE_NOTICE_DAYS.value)
    if day < first:
        words = _("Clients must hear of it %(days)d days before: %(day)s at the earliest.")
        raise AppError(words % {"days": PRICE_NOTICE_DAYS.value, "day": first.isoformat()}, code="too_early", field=field)


def begin_price_update(update: PriceUpdate, *, actor) -> PriceUpdate:
    """Enter it for everybody it is about, in the background. Twice is once."""
    require(actor, EDIT)
    with transaction.atomic():
        update = PriceUpdate.objects.select_for_update().get(pk=update.pk)
        _check_day(update.starts_on, "")
        transition(update, "running")
        audit(actor, "billing.price_update_begun", update)
        _queue(update.pk, 0)
    return update


def _queue(pk: int, part: int) -> None:
    outgoing.queue(OUTGOING_KIND, pk, key=f"{pk}:{part}", lane="core.bulk", payload={"part": part})


def next_slice(pk: int, part: int) -> None:
    """Go on in a new slice, so that others have their turn."""
    _queue(pk, part + 1)


def work_on(pk: int, seconds: int) -> bool:
    """Go on for some seconds; True when nothing is left to do."""
    deadline = time.monotonic() + seconds
    for step in (_enter_chunk, _tell_chunk):
        while step(pk):
            if time.monotonic() > deadline:
                return False
    return True


def _enter_chunk(pk: int) -> bool:
    """Schedule the new price for the next subscriptions. False when all have theirs."""
    with transaction.atomic():
        update = PriceUpdate.objects.select_for_update().get(pk=pk)
        if update.state != PriceUpdate.State.RUNNING:
            return False
        rows = affected(update).filter(pk__gt=update.reached).order_by("pk").values_list("pk", *KEY)[:ROWS]
        chunk = list(rows)
        if not chunk:
            return _finish(update)
        prices = NewPrices(update)
        new = [_scheduled(update, row, amount) for row in chunk if (amount := prices.of(*row[1:])) is not None]
        before = update.rows.count()
        ScheduledPrice.objects.bulk_create(new, ignore_conflicts=True)
        update.reached = chunk[-1][0]
        update.entered_count = F("entered_count") + update.rows.count() - before
        update.save(update_fields=["reached", "entered_count"])
    return True


def _scheduled(update: PriceUpdate, row: tuple, amount) -> ScheduledPrice:
    return ScheduledPrice(
        subscription_id=row[0],
        update=update,
        starts_on=update.starts_on,
        currency=update.currency,
        was_amount=row[-1],
        amount=amount,
    )


def _finish(update: PriceUpdate) -> bool:
    transition(update, "done", done_at=clock.now())
    return False


def _tell_chunk(pk: int) -> bool:
    """Mail to the next clients, one each, with all their services. False when all have theirs."""
    update = PriceUpdate.objects.get(pk=pk)
    if update.state != PriceUpdate.State.DONE or not update.tells:
        return False
    waiting = update.rows.filter(told_at=None).order_by("subscription__client_id")
    clients = list(waiting.values_list("subscription__client_id", flat=True).distinct()[:MAILS])
    for client_id in clients:
        with transaction.atomic():
            _tell(update, client_id)
    return bool(clients)


def _tell(update: PriceUpdate, client_id: int) -> None:
    rows = update.rows.filter(told_at=None, subscription__client=client_id).select_for_update(of=("self",))
    rows = list(rows.select_related("subscription__client", "subscription__product"))
    if not rows:
        return
    client = rows[0].subscription.client
    notify(
        NOTICE,
        to=client,
        context=price_change_letter(update, rows),
        key=f"price-update:{update.pk}:{client.pk}",
        subject_ref=("billing.price_update", update.pk),
        client_id=client.pk,
    )
    ScheduledPrice.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=clock.now())
    PriceUpdate.objects.filter(pk=update.pk).update(told_count=F("told_count") + 1)


def withdraw_price_update(update: PriceUpdate, *, actor, reason: str = "") -> PriceUpdate:
    """What has not begun to hold is taken back; periods invoiced at the new price stay. Mails cannot be taken back."""
    require(actor, EDIT)
    with transaction.atomic():
        update = PriceUpdate.objects.select_for_update().get(pk=update.pk)
        transition(update, "withdrawn")
        update.rows.filter(applied_at=None).delete()
        audit(actor, "billing.price_update_withdrawn", update, reason=reason)
    return update


def schedule_price(subscription: Subscription, *, price: Money, starts_on: date, actor, reason: str) -> ScheduledPrice:
    """Another price of its own from the first period that begins on the day or later. AppError "past"."""
    require(actor, "billing.subscription.price")
    if starts_on <= clock.today():
        raise AppError(_("Choose a day to come."), code="past", field="starts_on")
    with transaction.atomic():
        lock_account(subscription.account)
        subscription.refresh_from_db()
        row, _made = ScheduledPrice.objects.update_or_create(
            subscription=subscription,
            starts_on=starts_on,
            defaults={
                "currency": price.currency,
                "was_amount": subscription.price_amount,
                "amount": price.amount,
                "applied_at": None,
            },
        )
        subscription.price_is_override = True
        subscription.save(update_fields=["price_is_override"])
        changes = {"price": [str(subscription.price), f"{price} ({starts_on})"]}
        audit(actor, "billing.price_scheduled", subscription, reason=reason, changes=changes)
    return row
