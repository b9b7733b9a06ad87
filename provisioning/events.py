"""What provisioning tells the apps above it. Ids only: listeners read the row as it is then."""

from dataclasses import dataclass
from typing import ClassVar

from hostbill.core.events import Event


@dataclass(frozen=True)
class ServiceReady(Event):
    """The panel confirmed the account: the service is online for the first time."""

    service_id: int
    name: ClassVar[str] = "provisioning.service_ready"


@dataclass(frozen=True)
class ServiceRelocated(Event):
    """The service is on another server now; `operation_id` tells which move it was."""

    service_id: int
    operation_id: int
    name: ClassVar[str] = "provisioning.service_relocated"


@dataclass(frozen=True)
class ServiceSuspended(Event):
    """The panel confirmed that the account is suspended."""

    service_id: int
    name: ClassVar[str] = "provisioning.service_suspended"


@dataclass(frozen=True)
class ServiceResumed(Event):
    """The panel confirmed that the account is online again."""

    service_id: int
    name: ClassVar[str] = "provisioning.service_resumed"


@dataclass(frozen=True)
class ServiceTerminated(Event):
    """The account is deleted on its server."""

    service_id: int
    name: ClassVar[str] = "provisioning.service_terminated"


@dataclass(frozen=True)
class OperationSettled(Event):
    """An operation ended, well or not: the wish may have changed meanwhile."""

    operation_id: int
    name: ClassVar[str] = "provisioning.operation_settled"


@dataclass(frozen=True)
class OperationFailed(Event):
    """An operation on a server was given up: staff must look."""

    operation_id: int
    name: ClassVar[str] = "provisioning.operation_failed"


@dataclass(frozen=True)
class SlotFreed(Event):
    """A server has room again: whoever waits for one may go on."""

    server_id: int
    name: ClassVar[str] = "provisioning.slot_freed"


@dataclass(frozen=True)
class ServersFull(Event):
    """No server of the group has room: somebody who paid waits."""

    group_id: int
    name: ClassVar[str] = "provisioning.servers_full"


@dataclass(frozen=True)
class ServiceToAlign(Event):
    """This service may now be able to go on: compare it with what is wanted."""

    service_id: int
    name: ClassVar[str] = "provisioning.service_to_align"


@dataclass(frozen=True)
class ServerStopped(Event):
    """The server refuses our credentials: no call is made until staff have mended them."""

    server_id: int
    name: ClassVar[str] = "provisioning.server_stopped"


@dataclass(frozen=True)
class OperationInDoubt(Event):
    """The outcome of a call has been unknown for long: a person should look at the panel."""

    operation_id: int
    name: ClassVar[str] = "provisioning.operation_in_doubt"
