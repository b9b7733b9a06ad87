"""Deleting orders of which nothing came: neither a numbered document, nor money, nor a service."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from billing.models import Invoice, Order, PromotionUse, Subscription
from hostbill.core import access
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account, open_account
from .draft import delete_draft


def delete_order(order: Order, *, actor) -> None:
    """Delete a cancelled or fraudulent order with its lines, its draft and the subscriptions that never began.

    AppError "not_cancelled"; "kept" when a document, a payment or a service came of it, which has to be kept with its reason."""
    access.require(actor, "billing.order.cancel")
    with transaction.atomic():
        lock_account(open_account(order.client))
        order = Order.objects.select_related("invoice").get(pk=order.pk)
        if order.state not in (Order.State.CANCELLED, Order.State.FRAUD):
            raise AppError(_("Cancel the order before you delete it."), code="not_cancelled")
        audit(actor, "billing.order_deleted", order, changes={"number": [order.number, None]})
        try:
            with transaction.atomic():
                _delete(order, actor)
        except ProtectedError:
            raise _kept() from None


def _kept() -> AppError:
    words = _("A document or a service came of this order, which has to be kept: it stays cancelled.")
    return AppError(words, code="kept")


def _delete(order: Order, actor) -> None:
    """Raises ProtectedError where something leads here."""
    began = Subscription.objects.filter(order_line__order=order)
    if began.exclude(state="cancelled").exists() or (order.invoice and order.invoice.state != Invoice.State.DRAFT):
        raise _kept()
    draft, order.invoice = order.invoice, None
    order.save(update_fields=["invoice", "updated_at"])
    if draft:
        delete_draft(draft, actor=actor)
    began.filter(parent__isnull=False).delete()
    began.delete()
    PromotionUse.objects.filter(order=order).delete()
    order.lines.filter(parent__isnull=False).delete()
    order.lines.all().delete()
    order.delete()
