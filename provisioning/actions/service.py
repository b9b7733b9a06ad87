"""Services: made from subscriptions, brought in line with what is wanted, changed by staff and clients."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.cancellation import cancel_subscription
from billing.actions.suspension import resume_subscription, suspend_subscription
from billing.models import Subscription
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.states import transition
from provisioning.actions.operation import PASSING, can_cancel, request_operation, withdraw
from provisioning.actions.placement import lock_servers, note_full, pick_server, release, release_quietly, reserve
from provisioning.events import ServiceReady, ServiceTerminated, ServiceToAlign
from provisioning.models import Operation, Server, ServerGroup, Service
from provisioning.options import TERMINATE_GRACE_DAYS
from provisioning.queries.names import new_password, new_username
from provisioning.queries.wanted import pointless, step, wanted

HOSTING = "hosting"


def create_service(subscription: Subscription, *, actor=SYSTEM) -> Service | None:
    """The technical side of a hosting subscription; None for other kinds. Asking twice gives the same row."""
    product = subscription.product
    if product.kind != HOSTING:
        return None
    if standing := Service.objects.filter(subscription=subscription).first():
        return standing
    with transaction.atomic():
        service, created = Service.objects.get_or_create(
            subscription=subscription,
            defaults={
                "client_id": subscription.client_id,
                "domain": subscription.answers.get("domain") or subscription.label,
                "group": _group_of(product),
                "plan": str(product.provisioning.get("plan") or ""),
                "wait_reason": _first_wait(product),
            },
        )
        if created:
            audit(actor, "provisioning.service_created", service)
    return service


def _first_wait(product) -> str:
    return {"staff": "staff", "never": "never"}.get(product.setup_on, "payment")


def _group_of(product) -> ServerGroup | None:
    chosen = product.provisioning.get("server_group")
    return ServerGroup.objects.filter(pk=chosen).first() if chosen else None


# --- align -----------------------------------------------------------------------------------------------------------


def align(service: Service, *, actor=SYSTEM, new_intent: bool = False) -> Operation | None:
    """Compare what is wanted with what is, and ask for the one operation that is missing.

    Safe to call at any time and as often as you like. ``new_intent``: something changed in billing, so a verb that
    failed before is asked for again; otherwise only failures that time may mend are."""
    with transaction.atomic():
        servers = lock_servers(service.group_id, also=service.server_id)
        service = lock(service)
        want = wanted(service)
        if want == "live" and service.terminate_after:
            service.terminate_after = None
            service.save(update_fields=["terminate_after"])
        verb = step(service, want, grace_over=_grace_over(service))
        last = service.last_operation
        verb = _settle_open(service, last, want, verb, actor)
        if not verb or _blocked(service, last, verb, new_intent):
            return None
        return _STEPS.get(verb, _request)(service, verb, servers, actor)


def _grace_over(service: Service) -> bool:
    if service.terminate_after is not None:
        return clock.now() >= service.terminate_after
    return TERMINATE_GRACE_DAYS.value == 0


def _settle_open(service: Service, last: Operation | None, want: str, verb: str, actor) -> str:
    """While an operation is open nothing else is asked; one that became pointless and was not begun is taken back.

    Only the last one can be open."""
    if last is None or not last.is_open:
        return verb
    if not (pointless(last, want) and can_cancel(last)):
        return ""
    withdraw(last, service, actor)
    return step(service, want, grace_over=_grace_over(service))


def _blocked(service: Service, last: Operation | None, verb: str, new_intent: bool) -> bool:
    """The same verb failed last time, and nothing that could help has changed since."""
    if service.cancelled_setup and verb == "create":
        return True
    if last is None or last.state != "failed" or last.verb != verb or new_intent:
        return False
    rested = last.failed_at and last.failed_at < clock.now() - timedelta(hours=6)
    return not (last.error_code in PASSING and rested)


def _request(service, verb, servers, actor) -> Operation:
    params = {"plan": service.wanted_plan, "limits": service.wanted_limits} if verb == "change_plan" else {}
    return request_operation(service, verb, actor=actor, params=params)


def _create(service, verb, servers, actor) -> Operation | None:
    if not (service.group_id and service.wanted_plan and service.domain):
        _wait(service, "setting", _("The product names no server group or plan, or there is no domain."))
        return None
    held = next((row for row in servers if row.pk == service.server_id), None)
    if held is not None:
        release_quietly(service, held)  # a slot kept from an earlier, cancelled or refused set-up
    fill = next((row.group.fill for row in servers if row.group_id == service.group_id), "")
    server = pick_server(servers, fill)
    if server is None:
        service.server = None
        service.save(update_fields=["server", "holds_slot"])
        _wait(service, "servers_full")
        note_full(service.group_id)
        return None
    reserve(service, server)
    transition(
        service,
        "setting_up",
        server=server,
        holds_slot=True,
        plan=service.wanted_plan,
        username=_unused_name(service, server),
        password=new_password(),
        wait_reason="",
        attention="",
    )
    return request_operation(service, "create", actor=actor, params={"plan": service.plan})


def _unused_name(service: Service, server: Server) -> str:
    """A user name that no service of ours has on the server; whether it is free there only the panel knows."""
    while True:
        name = new_username(service.domain)
        if not Service.objects.filter(server=server, username=name).exclude(pk=service.pk).exists():
            return name


def _wait(service, reason, attention="") -> None:
    if service.wait_reason != reason or service.attention != attention:
        service.wait_reason, service.attention = reason, attention
        service.save(update_fields=["wait_reason", "attention"])


def _drop(service, verb, servers, actor) -> None:
    """It never had an account: close the row."""
    server = next((row for row in servers if row.pk == service.server_id), None)
    if server is not None:
        release(service, server)
        service.save()
    transition(service, "terminated", wait_reason="", attention="")
    audit(actor, "provisioning.service_dropped", service)
    emit(ServiceTerminated(service.pk))


def _revive(service, verb, servers, actor) -> None:
    """What was ordered and cancelled before it had an account is wanted after all."""
    transition(service, "waiting", terminated_at=None, wait_reason=_first_wait(service.subscription.product))
    audit(actor, "provisioning.service_revived", service)
    emit(ServiceToAlign(service.pk))


def _begin_grace(service, verb, servers, actor) -> Operation | None:
    """Ended: offline at once, deleted when the days of grace are over."""
    service.terminate_after = clock.now() + timedelta(days=TERMINATE_GRACE_DAYS.value)
    service.save(update_fields=["terminate_after"])
    return request_operation(service, "suspend", actor=actor) if service.state == "live" else None


_STEPS = {"create": _create, "drop": _drop, "revive": _revive, "grace": _begin_grace}


# --- by people -------------------------------------------------------------------------------------------------------


def _hold(service: Service) -> Service:
    """Locked, with an account, nothing under way. AppError "busy" or "no_account"."""
    service = lock(service)
    if not service.has_account:
        raise AppError(_("There is no account on a server yet."), code="no_account")
    if service.open_operation:
        raise AppError(_("Another operation of this service is under way. Wait until it is done."), code="busy")
    return service


def set_password(service: Service, *, password: str, actor) -> Operation:
    """A new panel password. It is kept encrypted until the panel confirmed, then forgotten."""
    with transaction.atomic():
        service = _hold(service)
        if service.state != "live":
            raise AppError(_("The password can be set while the service is online."), code="not_live")
        return request_operation(service, "set_password", actor=actor, password=password)


def change_plan(service: Service, *, plan: str, actor) -> Operation:
    """Staff: another panel plan than the product's, from now on."""
    with transaction.atomic():
        service = _hold(service)
        if service.state != "live":
            raise AppError(_("The plan can be changed while the service is online."), code="not_live")
        product_plan = service.subscription.product.provisioning.get("plan")
        service.plan_override = "" if plan == product_plan else plan
        service.save(update_fields=["plan_override"])
        params = {"plan": plan, "before": service.plan, "limits": service.wanted_limits}
        return request_operation(service, "change_plan", actor=actor, params=params)


def sync_service(service: Service, *, actor) -> Operation:
    """Read the account's state from the panel."""
    with transaction.atomic():
        return request_operation(_hold(service), "sync", actor=actor)


def suspend_service(service: Service, *, reason: str, actor, until=None) -> Service:
    """Staff's own suspension: a row in billing, from which the panel call follows."""
    suspend_subscription(service.subscription, kind="manual", reason=reason, actor=actor, until=until)
    return service


def resume_service(service: Service, *, reason: str, actor) -> Service:
    """Lift every suspension in force."""
    resume_subscription(service.subscription, actor=actor, reason=reason)
    return service


def force_resume(service: Service, *, actor) -> Operation:
    """Lift in the panel also what somebody else suspended there. Staff only, after looking."""
    with transaction.atomic():
        service = _hold(service)
        service.suspended_elsewhere = ""
        service.save(update_fields=["suspended_elsewhere"])
        return request_operation(service, "resume", actor=actor, params={"force": True})


def terminate_service(service: Service, *, reason: str, actor) -> Service:
    """Staff end it now, without days of grace: the account is deleted on the server."""
    with transaction.atomic():
        subscription = service.subscription
        if subscription.state not in ("ended", "cancelled"):
            cancel_subscription(subscription, when="now", reason=reason, actor=actor)
        Service.objects.filter(pk=service.pk).update(terminate_after=clock.now(), updated_at=clock.now())
        service.refresh_from_db()
        audit(actor, "provisioning.termination_ordered", service, reason=reason)
    align(service, actor=actor, new_intent=True)
    service.refresh_from_db()
    return service


def start_setup(service: Service, *, actor) -> Service:
    """Staff: set it up now (again), after a cancelled set-up or a review without an account."""
    with transaction.atomic():
        service = lock(service)
        if service.state == "review" and not service.live_at and not service.open_operation:
            transition(service, "waiting")
        if service.state != "waiting":
            raise AppError(_("It is not waiting to be set up."), code="not_waiting")
        service.cancelled_setup, service.attention, service.staff_started_at = False, "", clock.now()
        service.group = service.group or _group_of(service.subscription.product)
        service.save()
        audit(actor, "provisioning.setup_started", service)
        if wanted(service) != "live":
            raise AppError(_("Billing does not want it online: it is unpaid or not accepted."), code="not_wanted")
    align(service, actor=actor, new_intent=True)
    service.refresh_from_db()
    return service


def move_service(service: Service, *, server: Server, actor, username: str = "", password: str = "") -> Service:
    """Choose another server before the account exists, perhaps with a user name and a first password. AppError when a call may
    already have made it."""
    with transaction.atomic():
        servers = lock_servers(server.group_id, also=service.server_id)
        service = lock(service)
        operation = service.open_operation
        if service.live_at or service.state not in ("waiting", "setting_up", "review"):
            raise AppError(_("It already exists on a server."), code="exists")
        if operation and not can_cancel(operation):
            raise AppError(_("The panel may already have made the account: wait for the answer."), code="too_late")
        target = next(row for row in servers if row.pk == server.pk)
        if not target.has_room:
            raise AppError(_("There is no room on %(server)s.") % {"server": target}, code="full", field="server")
        old = next((row for row in servers if row.pk == service.server_id), None)
        if old is not None:
            release(service, old)
        reserve(service, target)
        service.group_id = target.group_id
        service.save()
        if operation:
            operation = lock(operation)
            transition(operation, "cancelled", note=_("Moved to another server."))
        set_up_afresh(service, actor, username, password)
        audit(actor, "provisioning.service_moved", service)
    return service


def set_up_afresh(service: Service, actor, username: str = "", password: str = "") -> None:
    """Ask for the account on the service's (new) server, if it is wanted. The caller holds servers and service."""
    if wanted(service) != "live":
        return
    service.username, service.bears_id = username or new_username(service.domain), True
    service.password = password or new_password()
    service.plan, service.attention, service.wait_reason = service.wanted_plan, "", ""
    service.save()
    if service.state != "setting_up":
        transition(service, "setting_up")
    request_operation(service, "create", actor=actor, params={"plan": service.plan})


def attach_account(service: Service, *, server: Server, username: str, actor) -> Service:
    """Staff: this service is the account that already exists on the server (moved or made by hand)."""
    with transaction.atomic():
        servers = lock_servers(server.group_id, also=service.server_id)
        service = lock(service)
        if service.live_at or service.open_operation:
            raise AppError(_("It already has an account, or one is being made."), code="exists")
        if Service.objects.filter(server=server, username=username).exclude(state="terminated").exists():
            raise AppError(_("This account belongs to another service."), code="taken", field="username")
        old = next((row for row in servers if row.pk == service.server_id), None)
        if old is not None:
            release(service, old)
        reserve(service, next(row for row in servers if row.pk == server.pk))
        service.group_id, service.username, service.attention = server.group_id, username, ""
        service.bears_id = False
        service.wait_reason = ""
        service.save()
        transition(service, "live")
        audit(actor, "provisioning.account_attached", service)
        emit(ServiceReady(service.pk))
        request_operation(service, "sync", actor=actor)
    return service


def mark_live(service: Service, *, actor) -> Service:
    """Staff delivered it by hand: there is no panel behind it."""
    with transaction.atomic():
        service = lock(service)
        if service.open_operation:
            raise AppError(_("An operation is under way."), code="busy")
        transition(service, "live", wait_reason="", attention="")
        audit(actor, "provisioning.service_delivered", service)
        emit(ServiceReady(service.pk))
    return service


def clear_attention(service: Service, *, actor) -> Service:
    """Staff looked, and it is well."""
    with transaction.atomic():
        service = lock(service)
        service.attention = ""
        if service.state == "review" and service.live_at:
            transition(service, "live")
        service.save(update_fields=["attention"])
        audit(actor, "provisioning.attention_cleared", service)
    return service


def follow_answers(service: Service) -> Service:
    """Billing's answers changed: before the account exists they count; afterwards a person renames it on the panel."""
    with transaction.atomic():
        service = lock(service)
        subscription = service.subscription
        domain = subscription.answers.get("domain") or subscription.label
        if service.live_at is None and service.state == "waiting":
            service.domain, service.group = domain, service.group or _group_of(subscription.product)
            service.plan = service.wanted_plan
        elif domain != service.domain and service.state != "terminated":
            service.attention = _("Billing now names %(domain)s: rename the account on the server.") % {"domain": domain}
        service.save()
    return service


def hand_over(service: Service) -> Service:
    """The client of the service is the client of its subscription."""
    with transaction.atomic():
        service = lock(service)
        if service.client_id != service.subscription.client_id:
            service.client_id = service.subscription.client_id
            service.save(update_fields=["client"])
            audit(SYSTEM, "provisioning.service_handed_over", service)
    return service
