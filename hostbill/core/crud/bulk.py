"""Acts on many rows of a list.

The rows are listed first, then taken one by one: each is marked in the transaction of its own act, so whoever dies on the
way, no row is done twice and none is forgotten. A handful is done at once; more go on in the background in slices.
"""

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.forms import Form
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hostbill.core import clock, outgoing
from hostbill.core.audit import audit
from hostbill.core.crud.rebuild import reader, rebuild
from hostbill.core.errors import AppError
from hostbill.core.models import BulkRow, BulkRun, Outgoing
from hostbill.core.scope import request_id

log = structlog.get_logger(__name__)

#: So many rows are done while the person waits; more go to the background.
AT_ONCE = 20
#: Rows put on the list per step, and rows looked up per step of the work.
COLLECTED, TAKEN = 5000, 100
OUTGOING_KIND, LANE = "core.bulk_run", "core.bulk"
#: Work at hand that should be finished by the process that began it is looked at again after so many seconds.
SECOND_LOOK = 60


@dataclass(frozen=True)
class BulkAction:
    """``action(obj, actor=..., **form)`` for each row. ``when(obj)``: whether it is possible for this row (no queries).

    ``form_class``: what is asked first. ``confirm``: a sentence shown first. ``kind="danger"`` always asks."""

    key: str
    label: str
    action: Callable
    permission: str = ""
    icon: str = ""
    kind: str = ""
    confirm: str = ""
    form_class: type[Form] | None = None
    when: Callable | None = None

    @property
    def asks(self) -> bool:
        """Whether a page stands between the button and the act."""
        return bool(self.confirm or self.form_class or self.kind == "danger")


class Stopped(Exception):
    """Somebody stopped the run; the act at hand is undone."""


def start(view, chosen: BulkAction, *, ids: list[int], everything: bool, answers: QueryDict, token: str) -> BulkRun:
    """Write the run with its rows and begin. The same form sent twice gives the run that stands (``is_new`` is False)."""
    with transaction.atomic():
        run, run.is_new = _make(view, chosen, everything, answers, _once(view, chosen, ids, everything, answers, token))
        if not run.is_new:
            return run
        if everything:
            _collect(run, view)
        else:
            _put(run, list(view.rows.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)))
            run.is_collected = True
        run.save(update_fields=["total", "collected_to", "is_collected"])
        run.is_small = run.is_collected and run.total <= AT_ONCE
        audit(view.request.actor, "core.bulk_started", run, changes={}, reason=_in_words(run))
        _queue(run, delay=SECOND_LOOK if run.is_small else 0)
    if run.is_small:
        go_on(run, view)
        Outgoing.objects.filter(kind=OUTGOING_KIND, object_id=run.pk, state=Outgoing.State.QUEUED).delete()
    run.refresh_from_db()
    return run


def _in_words(run: BulkRun) -> str:
    return f"{run.title}, {run.label}: {run.total}{'' if run.is_collected else '+'}"


def _once(view, chosen, ids, everything, answers, token) -> str:
    parts = [token or uuid.uuid4().hex, chosen.key, view.params.urlencode(), str(everything), str(sorted(ids))]
    return hashlib.sha256("|".join([*parts, answers.urlencode()]).encode()).hexdigest()


def _make(view, chosen, everything, answers, once) -> tuple[BulkRun, bool]:
    return BulkRun.objects.get_or_create(
        user_id=view.request.actor.user_id,
        once=once,
        defaults={
            "list_key": view.list_key,
            "kwargs": view.kwargs,
            "query": view.params.urlencode(),
            "title": str(view.title)[:120],
            "action": chosen.key,
            "label": str(chosen.label)[:120],
            "answers": dict(answers.lists()),
            "language": get_language() or "en",
            "everything": everything,
        },
    )


def _queue(run: BulkRun, delay: int = 0, part: int = 0) -> None:
    not_before = clock.now() + timedelta(seconds=delay) if delay else None
    outgoing.queue(
        OUTGOING_KIND, run.pk, key=f"{run.pk}:{part}", lane=LANE, not_before=not_before, payload={"part": part}
    )


def next_part(run_id: int, part: int) -> None:
    """Go on in a new slice, so that others have their turn."""
    _queue(BulkRun(pk=run_id), part=part + 1)


def _put(run: BulkRun, ids: list[int]) -> None:
    """On the run's list, each once."""
    BulkRow.objects.bulk_create([BulkRow(run=run, object_id=pk) for pk in ids], ignore_conflicts=True)
    run.total += len(ids)
    run.collected_to = ids[-1] if ids else run.collected_to


def _collect(run: BulkRun, view) -> None:
    """The next of all matching rows."""
    rows = view.matching.filter(pk__gt=run.collected_to).order_by("pk")
    ids = list(dict.fromkeys(rows.values_list("pk", flat=True)[:COLLECTED]))
    _put(run, ids)
    run.is_collected = len(ids) < COLLECTED


def work(run_id: int, seconds: float) -> bool:
    """A slice in the background; True when nothing is left to do. The person's rights are asked anew."""
    run = BulkRun.objects.select_related("user").get(pk=run_id)
    if not run.is_open:
        return True
    with reader(run.language):
        try:
            view = rebuild(run)
        except PermissionDenied as error:
            _finish(run, BulkRun.State.FAILED, _("You may not see this list any more. %(why)s") % {"why": error})
            return True
        return go_on(run, view, seconds)


def go_on(run: BulkRun, view, seconds: float | None = None) -> bool:
    """Collect what is to be done, then do it row by row; False when the time is over first."""
    acts = [item for item in view.bulk_actions() if isinstance(item, BulkAction)]
    chosen = next((item for item in acts if item.key == run.action), None)
    values = _answers(run, chosen)
    if chosen is None or values is None:
        _finish(run, BulkRun.State.FAILED, _("You may not do this any more."))
        return True
    BulkRun.objects.filter(pk=run.pk, state=BulkRun.State.QUEUED).update(state=BulkRun.State.RUNNING)
    deadline = time.monotonic() + seconds if seconds else None
    while not run.is_collected:
        with transaction.atomic():
            _collect(run, view)
            run.save(update_fields=["total", "collected_to", "is_collected"])
        if deadline and time.monotonic() > deadline:
            return False
    return _do_rows(run, view, chosen, values, deadline)


def _answers(run: BulkRun, chosen: BulkAction | None) -> dict | None:
    """The form's values, checked again; None when they are not accepted any more."""
    if chosen is None or chosen.form_class is None:
        return {}
    data = QueryDict(mutable=True)
    for key, values in run.answers.items():
        data.setlist(key, values)
    form = chosen.form_class(data)
    return dict(form.cleaned_data) if form.is_valid() else None


def _do_rows(run, view, chosen, values, deadline) -> bool:
    waiting = run.rows.filter(state=BulkRow.State.WAITING).order_by("pk").values_list("pk", flat=True)
    try:
        last = 0
        while ids := list(waiting.filter(pk__gt=last)[:TAKEN]):
            for last in ids:
                _do_one(run, last, view, chosen, values)
                if deadline and time.monotonic() > deadline:
                    return False
    except Stopped:
        return True
    if not waiting.exists():
        _finish(run, BulkRun.State.DONE)
    return True


def _do_one(run: BulkRun, pk: int, view, chosen: BulkAction, values: dict) -> None:
    """The act, its result and the count: one transaction, so that all of it holds or nothing."""
    with transaction.atomic():
        row = BulkRow.objects.select_for_update(skip_locked=True).filter(pk=pk, state=BulkRow.State.WAITING).first()
        if row is None:
            return  # in other hands, or done by them
        obj = view.rows.filter(pk=row.object_id).first()
        if obj is not None:
            row.label, row.url = str(obj)[:200], view.url_of(obj)[:300]
        row.state, message = _outcome(obj, view, chosen, values)
        row.message, row.at = str(message)[:500], clock.now()
        row.save()
        own = BulkRun.objects.filter(pk=run.pk, state=BulkRun.State.RUNNING)
        if own.update(**{row.state: F(row.state) + 1}) != 1:
            raise Stopped


def _outcome(obj, view, chosen: BulkAction, values: dict) -> tuple[str, str]:
    if obj is None:
        return BulkRow.State.REFUSED, _("It is not there any more, or not for you.")
    if chosen.when and not chosen.when(obj):
        return BulkRow.State.REFUSED, _("Not possible as it stands now.")
    try:
        with transaction.atomic():
            chosen.action(obj, actor=view.request.actor, **values)
    except AppError as error:
        return BulkRow.State.REFUSED, error.message
    except PermissionDenied:
        return BulkRow.State.REFUSED, _("You may not do this.")
    except Exception:
        log.exception("bulk_row_failed", list=view.list_key, action=chosen.key, object=obj.pk)
        return BulkRow.State.FAILED, _("Something broke. The log tells more under %(id)s.") % {"id": request_id()}
    return BulkRow.State.DONE, ""


def _finish(run: BulkRun, state: str, error: str = "") -> None:
    """Once, whoever comes first."""
    own = BulkRun.objects.filter(pk=run.pk, state__in=[BulkRun.State.QUEUED, BulkRun.State.RUNNING])
    own.update(state=state, error=error[:300], finished_at=clock.now())


def give_up(run_id: int, why: str) -> None:
    """The machinery failed again and again; what was done stands."""
    _finish(BulkRun(pk=run_id), BulkRun.State.FAILED, why)


def stop(run: BulkRun, *, actor) -> None:
    """After the row at hand; what was done stands."""
    if not run.is_open:
        raise AppError(_("It has ended already."), code="ended")
    _finish(run, BulkRun.State.STOPPED)
    audit(actor, "core.bulk_stopped", run, changes={}, reason=_in_words(run))
