"""How a handler sends a mail."""

from billing.queries.readers import document_readers
from hostbill.core.notify import notify


def mail_client(kind, client, context, key, subject, attachments=()):
    """A mail with documents also goes to those who get this client's documents only."""
    notify(
        kind,
        to=document_readers(client) if attachments else client,
        client_id=client.pk,
        context=context,
        key=key,
        subject_ref=(subject._meta.label_lower, subject.pk),
        attachments=attachments,
    )
