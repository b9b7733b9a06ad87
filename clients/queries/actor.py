"""Who is asking: turns the signed-in user of a request into core's Actor."""

from django.utils import timezone

from clients.models import Client, Membership, StaffRole
from clients.queries.permission import expand
from clients.queries.visit import visited_client, visiting
from hostbill.core import clock
from hostbill.core.access import VISITOR, Actor
from hostbill.core.compiled import Compiled

SESSION_KEY = "client_id"
#: Asked by every page of somebody signed in.
_ROLES = Compiled(lambda user: StaffRole.objects.filter(users=user), user=int)
_MEMBERSHIPS = Compiled(lambda user: Membership.objects.filter(user_id=user).order_by("-is_owner", "pk"), user=int)
_CLIENT = Compiled(lambda client: Client.objects.filter(pk=client).order_by("pk")[:1], client=int)


def load_actor(request):
    """The Actor behind a request: staff with the permissions of their roles, a client with its accounts and areas,
    or a visitor. Times on the page are then shown in the person's zone."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        timezone.activate(clock.seller_zone())  # not the zone of whoever this thread served last
        return VISITOR
    use_zone_of(user)
    actor = actor_of(user, ip=request.META.get("REMOTE_ADDR"))
    client = visited_client(request, actor)
    return visiting(actor, client) if client else actor


def use_zone_of(user) -> None:
    """From now on this thread shows times as the person reads them."""
    timezone.activate(user.zone or clock.seller_zone())


def actor_of(user, ip=None):
    """The Actor for a user, also outside a request (tests, demo, API)."""
    if user.is_staff:
        patterns = {entry for role in _ROLES(user=user.pk) for entry in role.permissions}
        superuser = user.is_superuser or "*" in patterns
        return Actor(
            kind="staff",
            user_id=user.pk,
            label=user.label,
            permissions=expand(patterns),
            superuser=superuser,
            ip=ip,
        )
    memberships = _MEMBERSHIPS(user=user.pk)
    return Actor(
        kind="client",
        user_id=user.pk,
        label=user.label,
        client_ids=tuple(membership.client_id for membership in memberships),
        areas={membership.client_id: membership.granted_areas for membership in memberships},
        ip=ip,
    )


def load_client(request):
    """The client account chosen in the portal (session key `client_id`), of one that was merged the kept one, else the first one;
    None without any."""
    ids = request.actor.client_ids
    if not ids:
        return None
    chosen = request.session.get(SESSION_KEY)
    if chosen and chosen not in ids:
        chosen = Client.objects.filter(pk=chosen).values_list("merged_into_id", flat=True).first()
    return _CLIENT.first(client=chosen if chosen in ids else ids[0])
