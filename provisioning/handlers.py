"""Reactions: billing changed its mind, a server has room, an operation ended; and the mails that follow."""

from billing.events import (
    OrderReopened,
    SubscriptionActivated,
    SubscriptionCancelled,
    SubscriptionChanged,
    SubscriptionCreated,
    SubscriptionEnded,
    SubscriptionResumed,
    SubscriptionSuspended,
    SubscriptionTransferred,
)
from billing.models import Subscription
from clients.actions.staff_mail import mail_staff
from hostbill.core.events import emit, listen
from hostbill.core.fetch import fetch
from hostbill.core.notify import notify
from provisioning.actions.relocation import suspend_there
from provisioning.actions.service import align, create_service, follow_answers, hand_over
from provisioning.events import (
    OperationFailed,
    OperationInDoubt,
    OperationSettled,
    ServersFull,
    ServerStopped,
    ServiceReady,
    ServiceRelocated,
    ServiceToAlign,
    SlotFreed,
)
from provisioning.models import Operation, Server, ServerGroup, Service
from provisioning.queries.letters import moved_letter, operation_letter, server_letter, welcome_letter

WAITING_AT_ONCE = 50


@listen(SubscriptionCreated, name="provisioning.create_service_on_subscription_created")
def create_service_on_subscription_created(event):
    """The row that will hold what exists; set up at once when billing wants it so."""
    subscription = fetch(Subscription, event.subscription_id, "product")
    service = create_service(subscription)
    if service:
        align(service)


@listen(
    SubscriptionActivated,
    SubscriptionSuspended,
    SubscriptionResumed,
    SubscriptionCancelled,
    SubscriptionEnded,
    name="provisioning.align_on_subscription",
)
def align_on_subscription(event):
    """Whatever changed, compare what is wanted now with what is."""
    subscription = fetch(Subscription, event.subscription_id, "product")
    service = create_service(subscription)
    if service:
        align(service, new_intent=True)


@listen(OrderReopened, name="provisioning.align_on_order_reopened")
def align_on_order_reopened(event):
    """What was closed before it began waits again."""
    for service in Service.objects.filter(subscription__order_line__order_id=event.order_id, state="terminated").order_by("pk"):
        emit(ServiceToAlign(service.pk))


@listen(SubscriptionChanged, name="provisioning.follow_on_subscription_changed")
def follow_on_subscription_changed(event):
    """Another domain."""
    service = Service.objects.filter(subscription_id=event.subscription_id).first()
    if service:
        follow_answers(service)


@listen(SubscriptionChanged, name="provisioning.align_on_subscription_changed", later=True)
def align_on_subscription_changed(event):
    """Another plan, other options. Not in the transaction of the above: servers are locked before their services."""
    service = Service.objects.filter(subscription_id=event.subscription_id).first()
    if service:
        align(service, new_intent=True)


@listen(SubscriptionTransferred, name="provisioning.hand_over_on_subscription_transferred")
def hand_over_on_subscription_transferred(event):
    """The service belongs to who pays for it."""
    service = Service.objects.filter(subscription_id=event.subscription_id).first()
    if service:
        hand_over(service)


@listen(OperationSettled, name="provisioning.align_on_operation_settled", later=True)
def align_on_operation_settled(event):
    """The wish may have changed while the panel was busy: the last intent wins."""
    align(Operation.objects.select_related("service").get(pk=event.operation_id).service)


@listen(ServiceToAlign, name="provisioning.align_on_service_to_align")
def align_on_service_to_align(event):
    align(Service.objects.get(pk=event.service_id))


@listen(SlotFreed, name="provisioning.wake_waiting_on_slot_freed")
def wake_waiting_on_slot_freed(event):
    """Who waits for room in the server's group, the oldest first; each in a transaction of its own."""
    server = Server.objects.filter(pk=event.server_id).first()
    if server is None:
        return
    waiting = Service.objects.filter(group_id=server.group_id, state="waiting", wait_reason="servers_full")
    room = server.free_slots
    limit = WAITING_AT_ONCE if room is None else min(room, WAITING_AT_ONCE)
    for service_id in waiting.order_by("pk").values_list("pk", flat=True)[:limit]:
        emit(ServiceToAlign(service_id))


@listen(ServiceReady, name="provisioning.welcome_on_service_ready", later=True)
def welcome_on_service_ready(event):
    """The welcome mail, once per service, after the panel confirmed."""
    service = Service.objects.select_related("client", "server__module_config", "subscription__product").get(
        pk=event.service_id
    )
    notify(
        "provisioning.welcome",
        to=service.client,
        context=welcome_letter(service),
        key=f"service-ready:{service.pk}",
        subject_ref=("provisioning.service", service.pk),
    )


@listen(ServiceRelocated, name="provisioning.follow_on_service_relocated", later=True)
def follow_on_service_relocated(event):
    """What is suspended here must not run there for free."""
    suspend_there(Operation.objects.get(pk=event.operation_id))


@listen(ServiceRelocated, name="provisioning.tell_client_on_service_relocated", later=True)
def tell_client_on_service_relocated(event):
    """New addresses, when staff wanted the client to know and there are any."""
    operation = Operation.objects.select_related("service__client", "server__module_config").get(pk=event.operation_id)
    letter = moved_letter(operation)
    if operation.params.get("tell") and letter:
        notify(
            "provisioning.moved",
            to=operation.service.client,
            context=letter,
            key=f"service-moved:{operation.pk}",
            subject_ref=("provisioning.service", operation.service_id),
        )


@listen(OperationFailed, name="provisioning.tell_staff_on_operation_failed", later=True)
def tell_staff_on_operation_failed(event):
    """What retrying cannot mend needs a person."""
    _tell_about(event.operation_id, "provisioning.operation_failed", "operation-failed")


@listen(OperationInDoubt, name="provisioning.tell_staff_on_operation_in_doubt", later=True)
def tell_staff_on_operation_in_doubt(event):
    """An answer was lost and nothing could be found out since."""
    _tell_about(event.operation_id, "provisioning.operation_in_doubt", "operation-in-doubt")


def _tell_about(operation_id, kind, key):
    operation = Operation.objects.select_related("service__client", "server").get(pk=operation_id)
    service, key = operation.service, f"{key}:{operation.pk}"
    mail_staff(kind, "provisioning.operation.retry", operation_letter(operation), key, service, service.client_id)


@listen(ServerStopped, name="provisioning.tell_staff_on_server_stopped", later=True)
def tell_staff_on_server_stopped(event):
    """The server refuses us: nothing is called until somebody mends it."""
    server = Server.objects.get(pk=event.server_id)
    since = server.stopped_since.isoformat() if server.stopped_since else ""
    key = f"server-stopped:{server.pk}:{since}"
    mail_staff("provisioning.server_alert", "provisioning.server.edit", server_letter(server), key, server)


@listen(ServersFull, name="provisioning.tell_staff_on_servers_full", later=True)
def tell_staff_on_servers_full(event):
    """Somebody paid and there is no room: once per shortage."""
    group = ServerGroup.objects.get(pk=event.group_id)
    since = group.full_alerted_at.isoformat() if group.full_alerted_at else ""
    waiting = Service.objects.filter(group=group, state="waiting", wait_reason="servers_full").count()
    letter = {"group": group.name, "waiting": waiting, **server_letter(None)}
    mail_staff("provisioning.all_servers_full", "provisioning.server.edit", letter, f"servers-full:{group.pk}:{since}", group)
