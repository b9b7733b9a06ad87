"""The worker's part: one signed POST, and what becomes of the delivery and its endpoint."""

from datetime import timedelta

from hostbill.core import clock, outgoing
from hostbill.core.errors import DriverError
from hostbill.core.locks import lock
from hostbill.core.models import Outgoing, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from hostbill.core.webhooks import signing, targets, turns
from hostbill.core.webhooks.catalogue import may_read
from hostbill.core.webhooks.endpoints import stop
from hostbill.core.webhooks.owners import owner_of
from hostbill.core.webhooks.post import Answer, post
from hostbill.core.webhooks.troubles import Trouble

CONNECT_SECONDS, SECONDS, KEPT_BYTES = 5, 15, 4000
GONE = 410
MINUTE, HOUR = 60, 3600


@outgoing.register
class WebhookSender(outgoing.OutgoingKind):
    """Sends deliveries. Another call can do no harm: receivers know a message by its id, so nothing has to be looked up."""

    kind = turns.KIND
    #: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: ten tries within a little more than three days.
    backoff = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
    budget = timedelta(days=3)
    later = True

    def send(self, row: Outgoing) -> dict:
        """One try; its answer or trouble is kept on ``row.attempt``."""
        delivery = WebhookDelivery.objects.select_related("endpoint").filter(pk=row.object_id).first()
        if delivery is None:
            return {}
        endpoint = delivery.endpoint
        row.attempt = WebhookAttempt(delivery=delivery, url=endpoint.target_url)
        try:
            answer = call(endpoint, delivery)
        except Trouble as error:
            row.attempt.error_code, row.attempt.technical = error.code, error.technical
            raise
        attempt = row.attempt
        attempt.status, attempt.answer, attempt.ms, attempt.address = answer.status, answer.text, answer.ms, answer.address
        attempt.error_code = code_of(answer.status)
        if attempt.error_code:
            raise Trouble(attempt.error_code, f"HTTP {answer.status}", permanent=answer.status == GONE)
        return {"status": answer.status}

    def look_up(self, row: Outgoing) -> None:
        """Nobody can be asked; sending again is safe."""
        return None

    def on_retry(self, row: Outgoing, error: Exception) -> None:
        """A try failed, another follows; what waits behind it for too long goes."""
        delivery = _noted(row, getattr(error, "code", "") or "crashed")
        if delivery is not None:
            delivery.save(update_fields=NOTED)
            turns.advance(delivery)

    def settle(self, row: Outgoing, answer: dict | None, error: DriverError | None) -> None:
        """Taken, or given up: then the endpoint is stopped that wants no more, or has taken nothing since."""
        delivery = _noted(row, error.code if error else "")
        if delivery is None:
            return
        delivery.state = turns.State.FAILED if error else turns.State.DONE
        delivery.finished_at = clock.now()
        delivery.save(update_fields=[*NOTED, "state", "finished_at"])
        if error is not None and (reason := _reason_to_stop(delivery, error)):
            stop(delivery.endpoint, reason)
        turns.advance(delivery)


#: Columns of a delivery that each try writes.
NOTED = ["tries", "status", "ms", "error_code"]


def call(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> Answer:
    """Check everything anew and send. Raises Trouble when nothing came back."""
    if not endpoint.is_on:
        raise Trouble("switched_off", permanent=True)
    owner = owner_of(endpoint)
    if owner is None or not may_read(owner, delivery):
        raise Trouble("owner_gone", permanent=True)
    target, addresses = targets.resolve(endpoint.target_url, is_client=endpoint.client_id is not None)
    headers = signing.headers(endpoint, delivery.message_id, delivery.body, now=clock.now(), real_now=clock.real_now())
    body = delivery.body.encode()
    return post(target, addresses, body, headers, connect=CONNECT_SECONDS, seconds=SECONDS, limit=KEPT_BYTES)


def code_of(status: int) -> str:
    """The trouble that a status means; empty for success."""
    if 200 <= status < 300:
        return ""
    if status == GONE:
        return "gone"
    return "redirect" if 300 <= status < 400 else "refused"


def _noted(row: Outgoing, code: str) -> WebhookDelivery | None:
    """The delivery with the try written down, its endpoint locked; None when it was deleted."""
    found = WebhookDelivery.objects.filter(pk=row.object_id).values_list("endpoint_id", flat=True).first()
    if found is None:
        return None
    endpoint = lock(WebhookEndpoint(pk=found))
    delivery = WebhookDelivery.objects.get(pk=row.object_id)
    delivery.endpoint, delivery.error_code = endpoint, code
    attempt = getattr(row, "attempt", None)
    if attempt is not None:
        attempt.pk = None
        attempt.save(force_insert=True)
        delivery.tries += 1
        delivery.status, delivery.ms = attempt.status, attempt.ms or None
    return delivery


def _reason_to_stop(delivery: WebhookDelivery, error: DriverError) -> str:
    """``gone`` when it said so, ``failing`` when it took nothing since this delivery was begun; else it goes on."""
    if not delivery.endpoint.is_on or error.code in ("switched_off", "owner_gone"):
        return ""
    if error.code == "gone":
        return "gone"
    since = WebhookDelivery.objects.filter(endpoint=delivery.endpoint, state="done", finished_at__gt=delivery.queued_at)
    return "" if since.exists() else "failing"
