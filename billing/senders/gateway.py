"""Calls to payment gateways: send, look up, settle. No transaction is open while the gateway is talked to."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

from billing.actions.charge import drop_charge, give_up_charge, note_unknown, settle_charge
from billing.actions.dispute import settle_dispute
from billing.actions.gateway_event import charge_of, finish_event, receive_event, refund_of, setup_of
from billing.actions.payment_method import settle_method_setup
from billing.actions.refund import settle_foreign_refund, settle_refund
from billing.actions.withdrawal import withdrawn_forms
from billing.gateways.base import (
    ChargeRequest,
    ChargeResult,
    DisputeResult,
    RefundRequest,
    RefundResult,
    SavedMethod,
    SetupResult,
    WebhookEvent,
)
from billing.models import Charge, GatewayEvent, Payment, PaymentMethod, Refund
from billing.queries.customer import customer_id_for
from hostbill.core import clock, modules
from hostbill.core.access import SYSTEM
from hostbill.core.errors import OutcomeUnknown
from hostbill.core.fetch import fetch
from hostbill.core.models import ModuleConfig, Outgoing
from hostbill.core.money import Money
from hostbill.core.outgoing import OutgoingKind, queue, register

#: Payment providers take many calls at once.
AT_ONCE = 20
#: A card that is being charged is forgotten later; how long until that is looked at again.
ASK_AGAIN = timedelta(hours=1)
#: Errors that say nothing about what became of an earlier call.
UNANSWERED = frozenset({"unreachable", "server_error", "auth", "permission", "busy", "gave_up"})
_RESULTS = {cls.__name__: cls for cls in (ChargeResult, RefundResult, SetupResult, DisputeResult)}


def _plain(result) -> dict:
    """A driver's dataclass as JSON, with its name."""
    values = {"is": type(result).__name__, **asdict(result)}
    for name, value in values.items():
        if isinstance(getattr(result, name, None), Money):
            values[name] = {"amount": str(value["amount"]), "currency": value["currency"]}
    return values


def _result(answer: dict):
    """The dataclass again."""
    values = dict(answer)
    cls = _RESULTS[values.pop("is")]
    for name, value in values.items():
        if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
            values[name] = Money(Decimal(value["amount"]), value["currency"])
    if values.get("method"):
        values["method"] = SavedMethod(**values["method"])
    return cls(**values)


def _charge(pk: int) -> Charge:
    return Charge.objects.select_related("gateway", "payment_method", "invoice__account", "client").get(pk=pk)


def _customer(charge: Charge) -> str:
    return (
        charge.payment_method.customer_id if charge.payment_method else customer_id_for(charge.client, charge.gateway)
    )


def _cancel(charge: Charge) -> ChargeResult:
    return modules.load(charge.gateway).cancel(charge.remote_id, f"{charge.key}-cancel")


def _paid_by_form(charge: Charge) -> dict | None:
    """The pay form that this charge replaced, if the client was quicker. Once none was, none can be paid any more."""
    for form in withdrawn_forms(charge):
        result = _cancel(form)
        if result.state in ("succeeded", "processing"):
            return {"form": form.pk, "result": _plain(result)}
    return None


@register
class ChargeSender(OutgoingKind):
    """Take money from a saved method. The charge's key is the idempotency key at the gateway."""

    kind = "billing.charge"
    at_once = AT_ONCE
    budget = timedelta(hours=12)

    def send(self, row):
        charge = _charge(row.object_id)
        if not charge.is_live:
            return {"skipped": True}
        if not charge.is_owed:
            return {"dropped": True}  # paid in another way meanwhile
        if paid := _paid_by_form(charge):
            return {"dropped": True, **paid}
        method = charge.payment_method
        request = ChargeRequest(
            amount=charge.money,
            key=charge.key,
            description=charge.numbers,
            customer_id=method.customer_id,
            method_id=method.remote_id,
            off_session=charge.is_off_session,
            save_method=False,
            metadata={"invoice": charge.numbers[:500]},
        )
        return _plain(modules.load(charge.gateway).charge(request))

    def look_up(self, row):
        charge = _charge(row.object_id)
        found = modules.load(charge.gateway).look_up_by_key(charge.key, _customer(charge))
        return _plain(found) if found else None

    def foretell(self, row, assumed):
        """Cards do as somebody assumes: they pay, or are refused."""
        charge = _charge(row.object_id)
        if not charge.is_live:
            return {"skipped": True}
        if not charge.is_owed:
            return {"dropped": True}
        if assumed.get("cards") == "refused":
            return _plain(ChargeResult("declined", f"foreseen-{charge.pk}", decline_code="card_declined"))
        return _plain(ChargeResult("succeeded", f"foreseen-{charge.pk}", amount=charge.money))

    def settle(self, row, answer, error):
        charge = _charge(row.object_id)
        if error:
            # Nobody could be asked how a lost call ended: it stays unknown, and `check_open_charges` goes on asking.
            if charge.state != "unknown" or error.code not in UNANSWERED:
                give_up_charge(charge, code=error.code or "gateway_error", message=error.message)
        elif answer.get("dropped"):
            drop_charge(charge)
            if "form" in answer:
                settle_charge(_charge(answer["form"]), _result(answer["result"]))
        elif not answer.get("skipped"):
            settle_charge(charge, _result(answer))

    def on_retry(self, row, error):
        if isinstance(error, OutcomeUnknown):
            note_unknown(_charge(row.object_id))


@register
class ChargeCheckSender(OutgoingKind):
    """Ask the gateway how a charge stands."""

    kind = "billing.charge_check"
    at_once = AT_ONCE

    def send(self, row):
        charge = _charge(row.object_id)
        driver = modules.load(charge.gateway)
        found = (
            driver.look_up(charge.remote_id)
            if charge.remote_id
            else driver.look_up_by_key(charge.key, _customer(charge))
        )
        return _plain(found) if found else {"skipped": True}

    def look_up(self, row):
        return None  # asking twice does no harm

    def settle(self, row, answer, error):
        charge = _charge(row.object_id)
        if answer and not answer.get("skipped"):
            settle_charge(charge, _result(answer))
        elif answer and charge.state == "unknown" and _is_given_up(charge):
            give_up_charge(charge, code="not_sent", message="")


def _is_given_up(charge: Charge) -> bool:
    """No worker will send it any more."""
    return Outgoing.objects.filter(kind="billing.charge", key=charge.key, state="failed").exists()


@register
class ChargeCancelSender(OutgoingKind):
    """Withdraw a pay form's payment at the gateway, so that an old browser tab cannot pay it any more."""

    kind = "billing.charge_cancel"

    def send(self, row):
        return _plain(_cancel(_charge(row.object_id)))

    def look_up(self, row):
        return None  # cancelling twice does no harm

    def settle(self, row, answer, error):
        if answer and not answer.get("skipped"):
            settle_charge(_charge(row.object_id), _result(answer))


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
        refund = self._refund(row)
        found = modules.load(refund.payment.gateway).look_up_refund_by_key(refund.key, refund.payment.remote_id)
        return _plain(found) if found else None

    def settle(self, row, answer, error):
        refund = self._refund(row)
        if error:
            settle_refund(refund, state="failed", remote_id="", message=error.message)
        elif not answer.get("skipped"):
            _settle_refund(refund, _result(answer))


def _settle_refund(refund: Refund, result: RefundResult) -> None:
    settle_refund(refund, state=result.state, remote_id=result.remote_id, message=result.message)


@register
class MethodDetachSender(OutgoingKind):
    """Make the gateway forget a method that its owner removed or stored anew; while something is being charged on it,
    that goes first."""

    kind = "billing.method_detach"

    def send(self, row):
        method = PaymentMethod.objects.select_related("gateway").get(pk=row.object_id)
        if method.charges.live().exists():
            return {"later": True}
        modules.load(method.gateway).detach_method(method.remote_id)
        return {}

    def look_up(self, row):
        return None  # detaching twice does no harm

    def settle(self, row, answer, error):
        if answer and answer.get("later"):
            again = clock.now() + ASK_AGAIN
            queue(self.kind, row.object_id, key=f"method:{row.object_id}:detach:{again:%Y%m%d%H%M}", not_before=again)


@register
class GatewayEventSender(OutgoingKind):
    """A gateway's message is a hint: fetch the object it is about, and trust that."""

    kind = "billing.gateway_event"
    at_once = AT_ONCE
    backoff = (5, 30, 120, 600, 3600)

    def _event(self, row) -> GatewayEvent:
        return fetch(GatewayEvent, row.object_id, "gateway")

    def send(self, row):
        event = row.event = self._event(row)
        driver = modules.load(event.gateway)
        found = driver.fetch(event.object_type, event.object_id)
        if isinstance(found, DisputeResult | RefundResult):
            # Messages come in any order: what is disputed or returned must have been booked first.
            return {**_plain(found), "charge": _plain(driver.look_up(found.charge_id))}
        if isinstance(found, ChargeResult) and found.refunded:
            return {**_plain(found), "refunds": [_plain(refund) for refund in driver.refunds_of(found.remote_id)]}
        return _plain(found) if type(found).__name__ in _RESULTS else {"skipped": True}

    def look_up(self, row):
        return None  # reading twice does no harm

    def settle(self, row, answer, error):
        event = getattr(row, "event", None) or self._event(row)
        if error:
            finish_event(event, "failed", error.message)
            return
        if charge := answer.pop("charge", None):
            self._settle(event.gateway, _result(charge))
        refunds = answer.pop("refunds", [])
        known = not answer.get("skipped") and self._settle(event.gateway, _result(answer))
        for refund in refunds:
            self._settle(event.gateway, _result(refund))
        finish_event(event, "done" if known else "ignored")

    def _settle(self, gateway, result) -> bool:
        """Write it where it belongs; False when the object is none of ours."""
        if isinstance(result, ChargeResult):
            return _if_found(charge_of(gateway, result.remote_id, result.key), settle_charge, result)
        if isinstance(result, RefundResult):
            if own := refund_of(gateway, result.key):
                return _if_found(own, _settle_refund, result)
            payment = Payment.objects.filter(gateway=gateway, remote_id=result.charge_id).first()
            return _if_found(payment, settle_foreign_refund, result)
        if isinstance(result, DisputeResult):
            payment = Payment.objects.filter(gateway=gateway, remote_id=result.charge_id).first()
            return _if_found(payment, settle_dispute, result)
        setup = setup_of(gateway, result.remote_id, result.key)
        return _if_found(setup, lambda row, outcome: settle_method_setup(row, outcome, actor=SYSTEM), result)


def _if_found(row, settle, result) -> bool:
    if row is not None:
        settle(row, result)
    return row is not None


@register
class GatewayCatchUpSender(OutgoingKind):
    """Ask a gateway for its newest messages and keep those that never reached us."""

    kind = "billing.gateway_catch_up"
    budget = timedelta(minutes=50)

    def send(self, row):
        gateway = ModuleConfig.objects.get(pk=row.object_id)
        events = [asdict(event) for event in modules.load(gateway).recent_events()]
        known = GatewayEvent.objects.filter(gateway=gateway, remote_id__in=[event["remote_id"] for event in events])
        seen = set(known.values_list("remote_id", flat=True))
        return {"missed": [event for event in events if event["remote_id"] not in seen]}

    def look_up(self, row):
        return None  # reading twice does no harm

    def settle(self, row, answer, error):
        gateway = ModuleConfig.objects.get(pk=row.object_id)
        for event in reversed(answer["missed"] if answer else []):
            receive_event(gateway, WebhookEvent(**event))
