"""Handing a service over to another client: offered, accepted, and nobody is charged for the other's time."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import SubscriptionTransferred, TransferOffered
from billing.models import Account, Invoice, Subscription, Transfer
from clients.models import Client
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock_all
from hostbill.core.states import transition

from .account import lock_account, open_account
from .subscription import resync_periods
from .usage import close_usage


def offer_transfer(subscription: Subscription, *, to_client: Client, actor) -> Transfer:
    """Offer it to another client, who answers in the client area.

    AppError: "same_client", "client_closed", "currency_mismatch", "offered_already", "not_running", "open_invoice",
    "change_under_way", "has_parent"."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("client", "account").get(pk=subscription.pk)
        _refuse_taker(subscription, to_client)
        if subscription.transfers.offered().exists():
            raise AppError(_("It is offered to somebody already."), code="offered_already")
        _refuse_unsettled(subscription)
        transfer = Transfer.objects.create(
            subscription=subscription,
            from_client_id=subscription.client_id,
            to_client=to_client,
            offered_at=clock.now(),
            offered_by=actor.label[:200],
        )
        audit(actor, "billing.transfer_offered", subscription, reason=str(to_client.number))
        emit(TransferOffered(transfer.pk))
    return transfer


def _refuse_taker(subscription: Subscription, to_client: Client) -> None:
    if to_client.pk == subscription.client_id:
        raise AppError(_("It belongs to this client already."), code="same_client", field="to_client")
    if to_client.is_closed:
        raise AppError(_("This account is closed."), code="client_closed", field="to_client")
    if to_client.currency != subscription.currency:
        words = _("That account is kept in %(currency)s.") % {"currency": to_client.currency}
        raise AppError(words, code="currency_mismatch", field="to_client")


def _refuse_unsettled(subscription: Subscription) -> None:
    """What is invoiced stays with its client, so it has to be settled first: nobody pays for somebody else."""
    if not subscription.is_running:
        raise AppError(_("Only what runs can be handed over."), code="not_running")
    if subscription.parent_id:
        raise AppError(_("It belongs to another service and goes with that."), code="has_parent")
    family = [subscription.pk, *subscription.addons.values_list("pk", flat=True)]
    if Subscription.objects.filter(pk__in=family, changes__state__in=["scheduled", "unpaid"]).exists():
        raise AppError(_("A change is under way: finish it or take it back first."), code="change_under_way")
    lines = Invoice.objects.filter(lines__subscription__in=family, state__in=["issued", "draft"])
    if lines.exists():
        raise AppError(_("An invoice for it is open: pay it first."), code="open_invoice")


def accept_transfer(transfer: Transfer, *, actor) -> Subscription:
    """The taker takes it, with its addons. It goes on as it is; from the next period on the taker is charged, and for what is used
    from today on. Credit, invoices and cards stay where they are. AppError as `offer_transfer`; IllegalTransition when it was
    answered before."""
    with transaction.atomic():
        giver = transfer.subscription.account
        taker = open_account(transfer.to_client)
        lock_all(Account.objects.filter(pk__in=[giver.pk, taker.pk]))
        transfer = Transfer.objects.select_related("to_client", "subscription__account").get(pk=transfer.pk)
        subscription = transfer.subscription
        if subscription.account_id != giver.pk or transfer.to_client_id != taker.client_id:
            raise AppError(_("It belongs to somebody else by now."), code="not_running")
        _refuse_taker(subscription, transfer.to_client)
        _refuse_unsettled(subscription)
        for row in [subscription, *subscription.addons.order_by("pk")]:
            close_usage(row, until=clock.today(), cut=clock.today(), actor=actor)
        transition(transfer, "accepted", answered_by=actor.label[:200])
        for row in [subscription, *subscription.addons.order_by("pk")]:
            row.client_id, row.account = transfer.to_client_id, taker
            row.save(update_fields=["client", "account"])
            if not row.cancel_at_end and row.is_running and row.next_due_on:
                resync_periods(row)
            audit(actor, "billing.subscription_transferred", row, reason=str(transfer))
            emit(SubscriptionTransferred(row.pk))
    return subscription


def decline_transfer(transfer: Transfer, *, actor) -> Transfer:
    """The taker does not want it, or the giver takes the offer back."""
    with transaction.atomic():
        lock_account(transfer.subscription.account)
        transfer = Transfer.objects.get(pk=transfer.pk)
        state = "declined" if transfer.to_client_id in actor.client_ids else "withdrawn"
        transition(transfer, state, answered_by=actor.label[:200])
        audit(actor, "billing.transfer_declined", transfer.subscription, reason=str(transfer))
    return transfer
