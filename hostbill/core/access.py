"""Who is acting, and what they may do. The actor is built from the request by whoever owns users."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, resolve_url


class VisitRefused(PermissionDenied):
    """Staff in a client's place asked for what is the client's alone."""


@dataclass(frozen=True)
class Actor:
    """The person or program behind an act. ``permissions`` are staff rights; ``areas`` a client user's, by client id."""

    kind: str = "visitor"  # staff | client | system | visitor | api
    user_id: int | None = None
    label: str = "Visitor"
    permissions: frozenset = frozenset()
    client_ids: tuple = ()
    areas: dict = field(default_factory=dict, hash=False)
    superuser: bool = False
    ip: str | None = None
    #: A program with a token of the person's acts, and whether it may only look.
    by_token: bool = False
    reads_only: bool = False
    #: The colleague who looks at the client area in the client's place; None for everybody else.
    behind: Actor | None = None

    @property
    def is_staff(self) -> bool:
        """Somebody who works here, also where a program acts with a token of theirs."""
        return self.kind in ("staff", "api")

    def may(self, permission: str) -> bool:
        """Whether a staff permission is held."""
        return self.superuser or permission in self.permissions

    def may_in_area(self, client_id: int, area: str) -> bool:
        """Whether a client user has this area (billing, services, support, account) of that client."""
        return client_id in self.client_ids and (not area or area in self.areas.get(client_id, ()))

    def clients_with(self, area: str) -> list:
        """The client ids in which this person has the area."""
        return [client_id for client_id in self.client_ids if self.may_in_area(client_id, area)]


SYSTEM = Actor(kind="system", label="HostBill", superuser=True)
VISITOR = Actor()


@dataclass(frozen=True)
class Permission:
    """``code`` is <app>.<noun>.<view|edit|verb>. ``by_name``: a pattern of a role such as ``billing.*`` does not give it; it has to be
    ticked (or the role may do everything)."""

    code: str
    label: str
    area: str
    by_name: bool = False


_permissions: dict[str, Permission] = {}
_load_actor = lambda request: VISITOR  # noqa: E731 - replaced by clients at start-up


def register_permissions(permissions) -> None:
    """Make permissions known to the roles screen."""
    for permission in permissions:
        _permissions[permission.code] = permission


def permission_codes() -> list[str]:
    """The code of every registered permission."""
    return list(_permissions)


def codes_by_name() -> set[str]:
    """Those that no pattern gives but "*"."""
    return {code for code, permission in _permissions.items() if permission.by_name}


def all_permissions() -> list[Permission]:
    """Every registered permission, by area and code."""
    return sorted(_permissions.values(), key=lambda p: (p.area, p.code))


def set_actor_loader(loader) -> None:
    """``loader(request) -> Actor``: called once per request."""
    global _load_actor
    _load_actor = loader


_load_token = lambda request, text: None  # noqa: E731 - replaced by clients at start-up


def set_token_loader(loader) -> None:
    """``loader(request, text)``: (user, actor) of a bearer token of the API, None for one that nobody gave out.

    It raises AppError for a known token that may not be used now or from here."""
    global _load_token
    _load_token = loader


def token_bearer(request, text: str):
    """Whom a bearer token stands for: see ``set_token_loader``."""
    return _load_token(request, text)


_load_client = lambda request: None  # noqa: E731 - replaced by clients at start-up


def set_client_loader(loader) -> None:
    """``loader(request)``: the client account chosen in the client area, or None."""
    global _load_client
    _load_client = loader


def client_of(request):
    """The request's chosen client account, or None. Ask ``request.client``, which looks it up once."""
    return _load_client(request)


def actor_of(request) -> Actor:
    """The request's actor."""
    return _load_actor(request)


def require(actor: Actor, permission: str) -> None:
    """Raises PermissionDenied unless the actor holds the permission."""
    if not actor.may(permission):
        raise PermissionDenied(permission)


def to_sign_in(request):
    """Redirect to the sign-in page and back here afterwards."""
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}")


class StaffView:
    """Mixin: only signed-in staff holding ``permission`` (visitors go to sign-in, clients and others get 403)."""

    permission = ""

    @classmethod
    def permission_for(cls, **kwargs) -> str:
        """The permission that the address with these arguments asks for."""
        return cls.permission

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if request.actor.kind != "staff":
            raise PermissionDenied
        if needed := self.permission_for(**kwargs):
            require(request.actor, needed)
        return super().dispatch(request, *args, **kwargs)


class PortalView:
    """Mixin: a signed-in client user with the chosen client (``request.client``) and the right to ``area`` in it.

    Staff who look in the client's place only read. `visit_permission` names the staff permission with which they may
    act here too; `visit_closed` is for what is the client's alone (secrets, cards, logins): not even shown."""

    visit_permission = ""
    visit_closed = False
    area = ""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not request.client:
            raise Http404
        if not request.actor.may_in_area(request.client.pk, self.area):
            raise PermissionDenied(self.area)
        if request.actor.behind and not self.open_to(request.actor.behind, request.method):
            raise VisitRefused
        return super().dispatch(request, *args, **kwargs)

    def open_to(self, colleague: Actor, method: str) -> bool:
        """Whether a colleague in the client's place may do this."""
        if self.visit_closed:
            return False
        return method in ("GET", "HEAD") or bool(self.visit_permission and colleague.may(self.visit_permission))
