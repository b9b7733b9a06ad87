"""How a handler writes to colleagues."""

from clients.queries.staff import staff_recipients
from hostbill.core.notify import notify


def mail_staff(kind: str, permission: str, letter: dict, key: str, about, client_id: int | None = None) -> None:
    """To everybody who holds the permission, once for each key. `about`: the row that the mail is found at."""
    notify(
        kind,
        to=staff_recipients(permission),
        context=letter,
        key=key,
        subject_ref=(about._meta.label_lower, about.pk),
        client_id=client_id,
    )
