"""Differences mended: each way ends in an action on the service, or changes our record only."""

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.access import require
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock
from hostbill.core.states import transition
from provisioning.actions.operation import request_operation
from provisioning.actions.placement import lock_servers
from provisioning.actions.service import attach_account, change_plan, force_resume, set_up_afresh
from provisioning.models import Drift, Service
from provisioning.queries.drift import ALL, usual, ways
from provisioning.queries.wanted import wanted

CHANGED = ("mend", "mended_at", "mended_by", "resolved_at", "left_at", "left_by", "left_reason")


def mend_drift(drift: Drift, *, way: str, actor, **values) -> Drift:
    """End a difference in one of its `ways()`. AppError when the way does not fit (any more) or the act is refused."""
    drift = Drift.objects.select_related("service", "server").get(pk=drift.pk)
    gone = AppError(_("This difference is gone or being mended already."), code="not_open")
    if way not in [mend.key for mend in ways(drift)]:
        raise gone
    require(actor, ALL[way].permission)
    with transaction.atomic():
        seen = Drift.objects.filter(pk=drift.pk, resolved_at=None, mended_at=drift.mended_at, left_at=drift.left_at)
        _ACTS[way](drift, actor=actor, **values)
        # Last, since confirmed operations close differences while they hold the service's lock.
        if not seen.update(**{name: getattr(drift, name) for name in CHANGED}):
            raise gone
        audit(actor, "provisioning.drift_mended", drift, changes={"mend": ["", way]}, reason=values.get("reason", ""))
    return drift


def mend_safely(drift: Drift, *, actor) -> Drift:
    """The usual way, where nothing is made or deleted. AppError "not_safe" elsewhere."""
    mend = usual(drift)
    if mend is None or not mend.safe:
        raise AppError(_("This one needs a decision: open it."), code="not_safe")
    return mend_drift(drift, way=mend.key, actor=actor)


def leave_drift(drift: Drift, *, actor, reason: str = "") -> Drift:
    """It may stay as it is."""
    return mend_drift(drift, way="leave", actor=actor, reason=reason)


def _begun(drift: Drift, way: str, actor) -> None:
    """An operation is on its way; the difference stands until it is confirmed or compared again."""
    drift.mend, drift.mended_at, drift.mended_by = way, clock.now(), actor.label[:120]


def _recorded(drift: Drift, way: str, actor) -> None:
    """Our record was wrong and is right now."""
    _begun(drift, way, actor)
    drift.resolved_at = clock.now()


def _suspend(drift, *, actor):
    service = lock(drift.service)
    if service.state != "suspended":
        raise AppError(_("Billing does not want it suspended any more."), code="not_wanted")
    request_operation(service, "suspend", actor=actor, reason=service.suspend_reason)
    _begun(drift, "suspend", actor)


def _resume(drift, *, actor):
    force_resume(drift.service, actor=actor)
    _begun(drift, "resume", actor)


def _our_plan(drift, *, actor):
    change_plan(drift.service, plan=drift.service.wanted_plan or drift.service.plan, actor=actor)
    _begun(drift, "our_plan", actor)


def _their_plan(drift, *, actor):
    service = lock(drift.service)
    usual_plan = str(service.subscription.product.provisioning.get("plan") or "")
    service.plan, service.plan_override = drift.theirs[:120], "" if drift.theirs == usual_plan else drift.theirs[:120]
    audit(actor, "provisioning.plan_taken_over", service)
    service.save()
    _recorded(drift, "their_plan", actor)


def _their_domain(drift, *, actor):
    service = lock(drift.service)
    service.domain = drift.theirs
    audit(actor, "provisioning.domain_taken_over", service)
    service.save()
    _recorded(drift, "their_domain", actor)


def _recreate(drift, *, actor):
    """The account is gone from the server: the service goes through its set-up once more."""
    lock_servers(drift.service.group_id, also=drift.service.server_id)
    service = lock(drift.service)
    if service.open_operation:
        raise AppError(_("Another operation of this service is under way. Wait until it is done."), code="busy")
    if wanted(service) != "live":
        raise AppError(_("Billing does not want it online: it is unpaid or not accepted."), code="not_wanted")
    transition(service, "review", live_at=None, remote_id="")
    set_up_afresh(service, actor)
    _begun(drift, "recreate", actor)


def _delete(drift, *, actor):
    service = lock(drift.service)
    if service.state != "terminated" or service.server_id != drift.server_id:
        raise AppError(_("The service changed meanwhile: look at it first."), code="changed")
    request_operation(service, "terminate", actor=actor)
    _begun(drift, "delete", actor)


def _import(drift, *, actor, service: Service):
    attach_account(service, server=drift.server, username=drift.username, actor=actor)
    _recorded(drift, "import", actor)


def _leave(drift, *, actor, reason=""):
    drift.left_at, drift.left_by, drift.left_reason = clock.now(), actor.label[:120], reason[:200]


def _take_up(drift, *, actor):
    drift.left_at, drift.left_by, drift.left_reason = None, "", ""


_ACTS = {
    "suspend": _suspend,
    "resume": _resume,
    "our_plan": _our_plan,
    "their_plan": _their_plan,
    "their_domain": _their_domain,
    "recreate": _recreate,
    "delete": _delete,
    "import": _import,
    "leave": _leave,
    "take_up": _take_up,
}
