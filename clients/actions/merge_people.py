"""People and words about two clients becoming those of one."""

from clients.models import ALL_AREAS, Client, Contact, Membership


def merge_members(kept: Client, gone: Client) -> None:
    """Who had both has the rights of both. The kept client's owner stays it; the other's keeps all rights."""
    mine = {row.user_id: row for row in kept.memberships.all()}
    has_owner = any(row.is_owner for row in mine.values())
    for row in gone.memberships.order_by("pk"):
        if row.user_id in mine:
            _add_areas(mine[row.user_id], row.granted_areas)
            row.delete()
            continue
        row.client, row.areas = kept, [area for area in ALL_AREAS if area in row.granted_areas]
        row.is_owner = row.is_owner and not has_owner
        row.save(update_fields=["client", "areas", "is_owner"])


def _add_areas(row: Membership | Contact, more) -> None:
    row.areas = [area for area in ALL_AREAS if area in {*row.areas, *more}]
    row.save(update_fields=["areas"])


def merge_contacts(kept: Client, gone: Client) -> None:
    """One row for each address."""
    mine = {row.email.lower(): row for row in kept.contacts.all()}
    for row in gone.contacts.order_by("pk"):
        if row.email.lower() in mine:
            _add_areas(mine[row.email.lower()], row.areas)
            row.delete()
            continue
        row.client = kept
        row.save(update_fields=["client"])
        mine[row.email.lower()] = row


def note_address(kept: Client, gone: Client, *, stops_mail: bool) -> None:
    """The account's own address is known as a contact's, with all mails or none, unless it is known anyway."""
    known = {kept.email.lower(), *(row.user.email.lower() for row in kept.memberships.select_related("user"))}
    if gone.email.lower() in known:
        return
    areas = [] if stops_mail else list(ALL_AREAS)
    values = {"name": (gone.person_name or gone.name)[:150], "language": gone.language, "areas": areas}
    contact, made = Contact.objects.get_or_create(client=kept, email=gone.email, defaults=values)
    if not made:
        _add_areas(contact, areas)


def merge_notes(kept: Client, gone: Client) -> None:
    """All of them; where both had a sticky one, the kept client's is followed by the other's words."""
    sticky = kept.notes.sticky().first()
    for note in gone.notes.order_by("pk"):
        if note.is_sticky and sticky:
            sticky.body = f"{sticky.body}\n\n{gone.number}: {note.body}"
            sticky.save(update_fields=["body"])
            note.is_sticky = False
        note.client = kept
        note.save(update_fields=["client", "is_sticky"])
