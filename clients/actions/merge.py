"""Merging two clients: one is kept and gets all that is the other's, which stays as a stub that names its heir."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clients.events import ClientMerged
from clients.models import Client
from hostbill.core import access, clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock_all

from .merge_people import note_address
from .merge_plan import Obstacle, Outlook, parts, shares

MERGE = "clients.merge"
#: For so long we look after what came to a merged client by somebody who had read it before.
LOOKED_AFTER = timedelta(days=30)


def merge_clients(client: Client, *, into: Client, actor, stops_mail: bool = False, reason: str = "") -> Client:
    """Make everything of `client` the one's of `into`, once and for good; gives the kept client. Asked for twice it is done once.

    Mails to the address of the client that goes are sent there still, unless `stops_mail`. What the ledger says of the
    past stays; what is owed and what is credit are booked over. AppError with the code of what stands in the way."""
    access.require(actor, MERGE)
    with transaction.atomic():
        kept, gone = _locked(into, client)
        if gone.merged_into_id == kept.pk and gone.pk != kept.pk:
            return kept
        _refuse(obstacles_between(kept, gone, locked=True))
        gone.merged_into, gone.merged_at = kept, clock.now()
        gone.status, gone.closed_at = Client.Status.CLOSED, gone.closed_at or clock.now()
        audit(actor, "clients.client_merged", gone, reason=reason or str(kept.number))
        gone.save()
        move_all(kept, gone)
        note_address(kept, gone, stops_mail=stops_mail)
        words = f"{gone.number} {gone.name}" + (f": {reason}" if reason else "")
        audit(actor, "clients.client_took_over", kept, reason=words, changes={})
        emit(ClientMerged(gone.pk, kept.pk))
    return kept


def _locked(*clients: Client) -> list[Client]:
    """Fresh. Who writes rows that name the client need not wait, so nobody waits in a circle."""
    found = {row.pk: row for row in lock_all(Client.objects.filter(pk__in=[row.pk for row in clients]), no_key=True)}
    return [found[row.pk] for row in clients]


def _refuse(found: list[Obstacle]) -> None:
    if found:
        raise AppError(" ".join(str(each.words) for each in found), code=found[0].code, field="into")


def obstacles_between(kept: Client, gone: Client, *, locked: bool = False) -> list[Obstacle]:
    """All that stands in the way; `locked`: the apps take their locks first, so that the answer stays true."""
    found = _own_obstacles(kept, gone)
    if found:
        return found
    if locked:
        for share in shares():
            share.lock(kept, gone)
    return [each for share in shares() for each in share.obstacles(kept, gone)]


def _own_obstacles(kept: Client, gone: Client) -> list[Obstacle]:
    if kept.pk == gone.pk:
        return [Obstacle("same_client", _("A client cannot be merged into itself."))]
    if gone.merged_into_id:
        return [Obstacle("merged_already", _("%(client)s was merged already.") % {"client": gone.number})]
    if kept.merged_into_id:
        words = _("%(client)s was merged into another client: choose that one.") % {"client": kept.number}
        return [Obstacle("merged_already", words)]
    if kept.is_closed:
        words = _("The account of %(client)s is closed: open it again first, or merge the other way round.")
        return [Obstacle("client_closed", words % {"client": kept.number})]
    return []


def move_all(kept: Client, gone: Client) -> None:
    """Everything that moves. Safe to repeat: what came to the client that went since then follows."""
    for part in parts():
        if part.move:
            part.move(kept, gone)


def look_ahead(kept: Client, gone: Client) -> Outlook:
    """What a merge would move and leave, and what stands in its way. Changes nothing."""
    outlook = Outlook(obstacles=obstacles_between(kept, gone))
    for part in parts():
        count = part.rows(gone).count() if part.label else 0
        if count and part.move:
            outlook.moves.append((part.label, count))
        elif count:
            outlook.stays.append((part.label, count, part.why))
    return outlook


def sweep_merged(client: Client) -> None:
    """What somebody who had read the client before wrote for it meanwhile follows to the kept one."""
    with transaction.atomic():
        gone = Client.objects.select_related("merged_into").get(pk=client.pk)
        kept, gone = _locked(gone.merged_into, gone)
        for share in shares():
            share.lock(kept, gone)
        move_all(kept, gone)


def lately_merged():
    """Those that are still looked after."""
    return Client.objects.filter(merged_into__isnull=False, merged_at__gte=clock.now() - LOOKED_AFTER).order_by("pk")
