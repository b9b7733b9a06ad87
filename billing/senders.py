"""Calls to payment gateways: send, look up, settle. No transaction is open while the gateway is talked to."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

from billing.actions.charge import give_up_charge, note_unknown, settle_charge
from billing.actions.gateway_event import charge_of, finish_event, refund_of
from billing.actions.refund import settle_refund
from billing.gateways.base import ChargeRequest, ChargeResult, RefundRequest, RefundResult, SavedMethod
from billing.models import Charge, GatewayEvent, PaymentMethod, Refund
from hostbill.core import modules
from hostbill.core.errors import OutcomeUnknown
from hostbill.core.money import Money
from hostbill.core.outgoing import OutgoingKind, register


def _plain(result) -> dict:
    """A driver's dataclass as JSON."""
    values = asdict(result)
    for name in ("amount", "fee"):
        money = values.get(name)
        values[name] = {"amount": str(money["amount"]), "currency": money["currency"]} if money else None
    return values


def _money(value) -> Money | None:
    return Money(Decimal(value["amount"]), value["currency"]) if value else None


def charge_result(answer: dict) -> ChargeResult:
    """The dataclass again."""
    method = SavedMethod(**answer["method"]) if answer.get("method") else None
    return ChargeResult(
        **answer | {"amount": _money(answer.get("amount")), "fee": _money(answer.get("fee")), "method": method}
    )


def _refund_state(result_state: str) -> str:
    return {"pending": "processing"}.get(result_state, result_state)


def _charge(pk: int) -> Charge:
    return Charge.objects.select_related("gateway", "payment_method", "invoice__account", "client").get(pk=pk)


@register
class ChargeSender(OutgoingKind):
    """Take money from a saved method. The charge's key is the idempotency key at the gateway."""

    kind = "billing.charge"
    budget = timedelta(hours=12)

    def send(self, row):
        charge = _charge(row.object_id)
        if not charge.is_live:
            return {"skipped": True}
        method = charge.payment_method
        request = ChargeRequest(
            amount=charge.money,
            key=charge.key,
            description=f"{charge.invoice.number}",
            customer_id=method.customer_id,
            method_id=method.remote_id,
            off_session=charge.is_off_session,
            save_method=False,
            metadata={"invoice": str(charge.invoice.number)},
        )
        return _plain(modules.load(charge.gateway).charge(request))

    def look_up(self, row):
        charge = _charge(row.object_id)
        found = modules.load(charge.gateway).look_up_by_key(charge.key)
        return _plain(found) if found else None

    def settle(self, row, answer, error):
        charge = _charge(row.object_id)
        if error:
            give_up_charge(charge, code=error.code or "gateway_error", message=error.message)
        elif not answer.get("skipped"):
            settle_charge(charge, charge_result(answer))

    def on_retry(self, row, error):
        if isinstance(error, OutcomeUnknown):
            note_unknown(_charge(row.object_id))


@register
class ChargeCheckSender(OutgoingKind):
    """Ask the gateway how a charge stands."""

    kind = "billing.charge_check"

    def send(self, row):
        charge = _charge(row.object_id)
        driver = modules.load(charge.gateway)
        found = driver.look_up(charge.remote_id) if charge.remote_id else driver.look_up_by_key(charge.key)
        return _plain(found) if found else {"skipped": True}

    def look_up(self, row):
        return None  # asking twice does no harm

    def settle(self, row, answer, error):
        if answer and not answer.get("skipped"):
            settle_charge(_charge(row.object_id), charge_result(answer))


@register
class ChargeCancelSender(OutgoingKind):
    """Withdraw a pay form's payment at the gateway, so that an old browser tab cannot pay it any more."""

    kind = "billing.charge_cancel"

    def send(self, row):
        charge = _charge(row.object_id)
        driver = modules.load(charge.gateway)
        if "cancel" not in driver.capabilities:
            return {"skipped": True}
        return _plain(driver.cancel(charge.remote_id))

    def look_up(self, row):
        return None  # cancelling twice does no harm

    def settle(self, row, answer, error):
        if answer and not answer.get("skipped"):
            settle_charge(_charge(row.object_id), charge_result(answer))


@register
class RefundSender(OutgoingKind):
    """Return money through the gateway that took it."""

    kind = "billing.refund"
    budget = timedelta(hours=12)

    def _refund(self, row) -> Refund:
        return Refund.objects.select_related("payment__gateway", "payment__account").get(pk=row.object_id)

    def send(self, row):
        refund = self._refund(row)
        if refund.state != "queued":
            return {"skipped": True}
        request = RefundRequest(
            remote_id=refund.payment.remote_id, amount=refund.money, key=refund.key, reason=refund.reason
        )
        return _plain(modules.load(refund.payment.gateway).refund(request))

    def look_up(self, row):
        # The same key and parameters again give the same refund at the gateway: sending is looking.
        return None

    def settle(self, row, answer, error):
        refund = self._refund(row)
        if error:
            settle_refund(refund, state="failed", remote_id="", message=error.message)
        elif not answer.get("skipped"):
            settle_refund(
                refund,
                state=_refund_state(answer["state"]),
                remote_id=answer["remote_id"],
                message=answer.get("message", ""),
            )


@register
class MethodDetachSender(OutgoingKind):
    """Make the gateway forget a method that its owner removed."""

    kind = "billing.method_detach"

    def send(self, row):
        method = PaymentMethod.objects.select_related("gateway").get(pk=row.object_id)
        driver = modules.load(method.gateway)
        if "detach" in driver.capabilities:
            driver.detach(method.remote_id)
        return {}

    def look_up(self, row):
        return None  # detaching twice does no harm

    def settle(self, row, answer, error):
        return None


@register
class GatewayEventSender(OutgoingKind):
    """A gateway's message is a hint: fetch the object it is about, and trust that."""

    kind = "billing.gateway_event"
    backoff = (5, 30, 120, 600, 3600)

    def _event(self, row) -> GatewayEvent:
        return GatewayEvent.objects.select_related("gateway").get(pk=row.object_id)

    def send(self, row):
        event = self._event(row)
        if event.object_type not in ("payment_intent", "charge", "refund"):
            return {"kind": "other"}
        found = modules.load(event.gateway).fetch(event.object_type, event.object_id)
        if isinstance(found, ChargeResult):
            return {"kind": "charge", "result": _plain(found)}
        if isinstance(found, RefundResult):
            return {"kind": "refund", "result": _plain(found)}
        return {"kind": "other"}

    def look_up(self, row):
        return None  # reading twice does no harm

    def settle(self, row, answer, error):
        event = self._event(row)
        if error:
            finish_event(event, "failed", error.message)
            return
        settled = {"charge": self._settle_charge, "refund": self._settle_refund}.get(answer["kind"])
        known = settled(event, answer["result"]) if settled else False
        finish_event(event, "done" if known else "ignored")

    def _settle_charge(self, event, values) -> bool:
        result = charge_result(values)
        charge = charge_of(event.gateway, "payment_intent", result.remote_id)
        if charge:
            settle_charge(charge, result)
        return charge is not None

    def _settle_refund(self, event, values) -> bool:
        refund = refund_of(event.gateway, "refund", values["remote_id"])
        if refund:
            settle_refund(
                refund, state=_refund_state(values["state"]), remote_id=values["remote_id"], message=values["message"]
            )
        return refund is not None


