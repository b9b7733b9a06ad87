"""What happens to people and accounts."""

from dataclasses import dataclass
from typing import ClassVar

from hostbill.core.events import Event


@dataclass(frozen=True)
class ClientCreated(Event):
    """A client account exists."""

    name: ClassVar[str] = "clients.client_created"
    client_id: int


@dataclass(frozen=True)
class ClientUpdated(Event):
    """Name, address, tax number or language of a client changed."""

    name: ClassVar[str] = "clients.client_updated"
    client_id: int


@dataclass(frozen=True)
class ClientClosed(Event):
    """A client account was closed; nothing new may be sold to it."""

    name: ClassVar[str] = "clients.client_closed"
    client_id: int


@dataclass(frozen=True)
class ClientMerged(Event):
    """All that was a client's is the kept client's now; what was merged stays as a closed stub."""

    name: ClassVar[str] = "clients.client_merged"
    client_id: int
    kept_id: int


@dataclass(frozen=True)
class MemberInvited(Event):
    """Somebody was asked to join a client account; the mail goes out for this."""

    name: ClassVar[str] = "clients.member_invited"
    invitation_id: int


@dataclass(frozen=True)
class MemberJoined(Event):
    """A login got access to a client account."""

    name: ClassVar[str] = "clients.member_joined"
    membership_id: int


@dataclass(frozen=True)
class ApiTokenCreated(Event):
    """A person made a token for programs; they are told by mail."""

    name: ClassVar[str] = "clients.api_token_created"
    api_token_id: int


@dataclass(frozen=True)
class ApiCredentialCreated(Event):
    """A person made credentials for the WHMCS API; they are told by mail."""

    name: ClassVar[str] = "clients.api_credential_created"
    api_credential_id: int
