"""What programs are told about services and servers."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.api.fields import Fact
from hostbill.core.webhooks.offers import Subject, keep_in, offer
from provisioning import events
from provisioning.models import Operation, Server, ServerGroup, Service

SERVICE = Subject(
    "service", Service, _("Services"), client="client_id", area="services",
    own=(Fact("subscription_id", "integer"), "domain state live_at suspended_at terminated_at"),
)  # fmt: skip
OPERATION = Subject("operation", Operation, _("Operations on servers"))
SERVER = Subject("server", Server, _("Servers"))
GROUP = Subject("server_group", ServerGroup, _("Server groups"))

offer(SERVICE, "ready", events.ServiceReady, "service_id")
offer(SERVICE, "relocated", events.ServiceRelocated, "service_id")
offer(SERVICE, "suspended", events.ServiceSuspended, "service_id")
offer(SERVICE, "resumed", events.ServiceResumed, "service_id")
offer(SERVICE, "terminated", events.ServiceTerminated, "service_id")
offer(OPERATION, "settled", events.OperationSettled, "operation_id")
offer(OPERATION, "failed", events.OperationFailed, "operation_id")
offer(OPERATION, "in_doubt", events.OperationInDoubt, "operation_id")
offer(SERVER, "stopped", events.ServerStopped, "server_id")
offer(GROUP, "full", events.ServersFull, "group_id")
keep_in(events.SlotFreed, "a sign among our own parts")
keep_in(events.ServiceToAlign, "a sign among our own parts")
