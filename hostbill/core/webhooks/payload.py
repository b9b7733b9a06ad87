"""The words of a webhook: the object as the API tells it, to the one for whom the endpoint stands."""

import json

from django.utils import translation

from hostbill.core.access import Actor
from hostbill.core.api.fields import moment
from hostbill.core.api.represent import represent, with_relations
from hostbill.core.models import WebhookEndpoint
from hostbill.core.webhooks.catalogue import TEST, EventType, Subject, spelt


def find(found: EventType, object_id: int, actor: Actor, endpoint: WebhookEndpoint):
    """The row that the event is about, if the endpoint may be told of it; else None."""
    subject = found.subject
    rows = subject.model.objects.visible_to(actor).filter(**{found.by: object_id})
    if endpoint.client_id is not None:
        rows = rows.filter(**{subject.client: endpoint.client_id}).select_related(*subject.select)
        return rows.prefetch_related(*subject.prefetch).first()
    if subject.noun:
        rows = with_relations(rows, subject.noun, subject.noun.every_fact)
    return rows.first()


def told(subject: Subject, row, endpoint: WebhookEndpoint) -> dict:
    """The row as JSON, in English: programs read codes, and words must not change with whoever works."""
    if endpoint.client_id is not None:
        facts = spelt(subject.model, subject.own)
    else:
        facts = subject.noun.every_fact if subject.noun else spelt(subject.model, subject.facts)
    with translation.override("en"):
        return represent(facts, row)


def written(name: str, at, data: dict) -> str:
    """The body, as it is signed and sent."""
    body = {"type": name, "timestamp": moment(at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def test_body(endpoint: WebhookEndpoint, at) -> str:
    """What is sent to try an endpoint."""
    return written(TEST, at, {"webhook": endpoint.pk, "label": endpoint.label, "events": endpoint.events})
