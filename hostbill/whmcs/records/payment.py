"""Transactions: money in either direction. A refund is one of its own; its id begins far above those of payments, and never changes."""

from django.db.models import F, Prefetch, Value

from billing.models import Payment, PaymentAllocation, Refund
from hostbill.whmcs.answers import instant, money
from hostbill.whmcs.billing_words import gateway_word
from hostbill.whmcs.currencies import currency_id

REFUNDS_FROM = 1_000_000_000
ALLOCATED = Prefetch("allocations", PaymentAllocation.objects.order_by("pk"))


def payment_record(payment: Payment, amount=None, invoice_id: int | None = None) -> dict:
    """Money that came in; ``amount`` of it for the invoice, all of it for the first it settled without."""
    first = next(iter(payment.allocations.all()), None)
    return {
        **_common(payment, payment.gateway, payment.received_at),
        "id": payment.pk,
        "description": payment.note or "Invoice Payment",
        "amountin": money(payment.amount if amount is None else amount),
        "fees": money(payment.fee_amount),
        "amountout": "0.00",
        "transid": payment.remote_id,
        "invoiceid": invoice_id or (first.invoice_id if first else 0),
        "refundid": 0,
    }


def refund_record(refund: Refund) -> dict:
    """Money that went back."""
    return {
        **_common(refund, refund.payment.gateway, refund.succeeded_at),
        "id": REFUNDS_FROM + refund.pk,
        "description": refund.reason or "Refund",
        "amountin": "0.00",
        "fees": "0.00",
        "amountout": money(refund.amount),
        "transid": refund.remote_id,
        "invoiceid": refund.invoice_id or 0,
        "refundid": refund.payment_id,
    }


def _common(row, gateway, at) -> dict:
    return {
        "userid": row.client_id,
        "currency": currency_id(row.currency),
        "gateway": gateway_word(gateway),
        "date": instant(at),
        "rate": "1.00000",
    }


def transactions(actor, *, invoice: int | None, client: int | None, transid: str):
    """Rows (kind, id, moment) of both kinds that the actor may see, oldest first: kind 0 is a payment, 1 a refund."""
    payments = Payment.objects.visible_to(actor)
    refunds = Refund.objects.visible_to(actor).filter(state=Refund.State.SUCCEEDED)
    if invoice:
        payments = payments.filter(pk__in=PaymentAllocation.objects.filter(invoice_id=invoice).values("payment_id"))
        refunds = refunds.filter(invoice_id=invoice)
    if client:
        payments, refunds = payments.filter(client_id=client), refunds.filter(client_id=client)
    if transid:
        payments, refunds = payments.filter(remote_id=transid), refunds.filter(remote_id=transid)
    return _keys(payments, 0, "received_at").union(_keys(refunds, 1, "succeeded_at"), all=True).order_by("at", "kind", "id")


def _keys(rows, kind: int, moment: str):
    return rows.order_by().annotate(kind=Value(kind), at=F(moment)).values_list("kind", "id", "at")


def transaction_records(keys) -> list[dict]:
    """The records of such rows, in their order; two queries and one for what each settled."""
    keys = list(keys)
    payments = Payment.objects.select_related("gateway").prefetch_related(ALLOCATED)
    payments = payments.in_bulk([pk for kind, pk, _at in keys if kind == 0])
    refunds = Refund.objects.select_related("payment__gateway").in_bulk([pk for kind, pk, _at in keys if kind == 1])
    return [refund_record(refunds[pk]) if kind else payment_record(payments[pk]) for kind, pk, _at in keys]
