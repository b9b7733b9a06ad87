"""The time machine: what automation will do by a day, by the real code, and what changes of settings or prices would make of it.

Clients are taken some at a time, each time in a transaction that is rolled back; see hostbill.core.foresight."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.preview_changes import apply_changes, check_changes
from billing.models import Account, Preview, PreviewItem
from billing.queries.preview import Happening, differences, happenings, summarised
from clients.models import Client
from hostbill.core import clock, events, foresight, jobs, outgoing
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.foresight import Foresight
from hostbill.core.models import JobRun
from hostbill.core.scope import fresh_memory

OUTGOING_KIND, LANE = "billing.preview", "billing.preview"
#: Clients looked at in one transaction: what belongs to them waits as long as it takes.
SLICE = 100
MOST_DAYS = 400


def look_ahead(clients: list[int], until: date, *, cards: str = "pay", changes: dict | None = None) -> list[Happening]:
    """What will happen with these clients up to and including the day. Nothing of it remains, and nothing leaves."""
    ahead = Foresight(frozenset(clients), {"cards": cards})
    with transaction.atomic(), fresh_memory():
        with foresight.looking(ahead):
            ahead.now = clock.real_now() + clock.offset()
            apply_changes(changes or {}, clients)
            foresight.run(
                jobs.foretold_jobs(), clock.start_of(until + timedelta(days=1)), deliver=events.deliver,
                settle=outgoing.foresee, report=lambda job: jobs.Report(JobRun(name=job.name)),
            )  # fmt: skip
            found = happenings(ahead)
        transaction.set_rollback(True)
    return found


def looked_at(client: Client | None = None) -> list[int]:
    """Ids of the clients with whom anything can happen by itself."""
    rows = Account.objects.filter(parked_at__isnull=True).order_by("client_id")
    return list((rows.filter(client=client) if client else rows).values_list("client_id", flat=True))


def answers(clients: list[int], until: date, *, cards: str, changes: dict) -> Iterator[tuple[int, list]]:
    """(how many clients, rows) slice by slice: what happens, or with changes the differences."""
    for start in range(0, len(clients), SLICE):
        part = clients[start : start + SLICE]
        found = look_ahead(part, until, cards=cards)
        if any(changes.values()):
            found = differences(found, look_ahead(part, until, cards=cards, changes=changes))
        yield len(part), found


def ask(
    *, until: date, client: Client | None = None, cards: str = "pay", changes: dict | None = None, actor
) -> Preview:
    """Write the question down; a worker answers it. AppError "past", "too_far", or as `check_changes`."""
    check_day(until)
    changes = changes or {}
    check_changes(changes)
    with transaction.atomic():
        row = Preview.objects.create(
            user_id=actor.user_id, asked_by=actor.label[:200], client=client, until=until, cards=cards, changes=changes
        )
        audit(actor, "billing.preview_asked", row, changes={}, reason=str(changes) if any(changes.values()) else "")
        outgoing.queue(OUTGOING_KIND, row.pk, key=str(row.pk), lane=LANE)
    return row


def check_day(until: date) -> None:
    """AppError naming the field."""
    if until < clock.today():
        raise AppError(_("This day has passed."), code="past", field="until")
    if until > clock.today() + timedelta(days=MOST_DAYS):
        raise AppError(_("At most %(days)d days ahead.") % {"days": MOST_DAYS}, code="too_far", field="until")


def answer(preview: Preview) -> None:
    """Work it out; begun anew from the start when it was interrupted. Stopped as soon as somebody says so."""
    clients = looked_at(preview.client)
    preview.items.all().delete()
    Preview.objects.filter(pk=preview.pk, state__in=["queued", "running"]).update(
        state=Preview.State.RUNNING, total=len(clients), done=0
    )
    summary: dict = {}
    for count, found in answers(clients, preview.until, cards=preview.cards, changes=preview.changes):
        if not Preview.objects.filter(pk=preview.pk, state=Preview.State.RUNNING).exists():
            return
        preview.done += count
        summary = summarised(found, summary)
        with transaction.atomic():
            PreviewItem.objects.bulk_create(row.item(preview) for row in found)
            Preview.objects.filter(pk=preview.pk).update(done=preview.done, summary=summary)


def finish(preview: Preview, error: str = "") -> None:
    """Ready, or why not."""
    state = Preview.State.FAILED if error else Preview.State.DONE
    Preview.objects.filter(pk=preview.pk, state__in=["queued", "running"]).update(
        state=state, error=error[:300], finished_at=clock.now()
    )


def stop_preview(preview: Preview, *, actor) -> Preview:
    """Go no further. AppError "not_open"."""
    changed = Preview.objects.filter(pk=preview.pk, state__in=["queued", "running"]).update(
        state=Preview.State.STOPPED, finished_at=clock.now()
    )
    if not changed:
        raise AppError(_("It has ended already."), code="not_open")
    audit(actor, "billing.preview_stopped", preview, changes={})
    preview.refresh_from_db()
    return preview


def delete_preview(preview: Preview, *, actor) -> None:
    """Throw the answer away."""
    audit(actor, "billing.preview_deleted", preview, changes={})
    preview.delete()
