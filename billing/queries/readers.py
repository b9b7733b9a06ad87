"""Who gets a client's documents."""

from billing.models import Account
from hostbill.core.notify import Recipient


def document_readers(client) -> list[Recipient]:
    """The people of the client who get mails about money, and the addresses given for documents only, in its language."""
    people = [Recipient(*person) for person in client.recipients("billing")]
    account = Account.objects.filter(client=client).only("document_emails").first()
    known = {person.email.lower() for person in people}
    extra = [email for email in (account.document_emails if account else []) if email.lower() not in known]
    return people + [Recipient(email, client.name, client.language) for email in extra]
