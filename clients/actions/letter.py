"""Use case of a mail that somebody here writes to a client by hand."""

from django.db import transaction

from clients.models import Client
from hostbill.core import access
from hostbill.core.audit import audit
from hostbill.core.models import Message
from hostbill.core.notify import notify


@transaction.atomic
def write_to_client(client: Client, *, actor, subject: str, text: str, key: str) -> None:
    """Mail the account's own address. The same `key` (one per form) again sends nothing."""
    access.require(actor, "clients.client.write")
    if Message.objects.filter(kind="clients.letter", key__startswith=f"letter:{key}").exists():
        return
    notify(
        "clients.letter",
        to=[(client.email, client.person_name, client.language)],
        client_id=client.pk,
        context={"subject": subject, "quote": {"author": actor.label, "text": text}},
        key=f"letter:{key}",
        subject_ref=("clients.client", client.pk),
    )
    audit(actor, "clients.letter_written", client, reason=subject, changes={})
