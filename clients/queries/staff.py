"""Staff by what they may do."""

from clients.models import User
from clients.queries.actor import actor_of


def staff_recipients(permission: str) -> list[tuple[str, str, str]]:
    """(e-mail, name, language) of active staff who hold the permission, for internal mail."""
    staff = User.objects.filter(is_staff=True, is_active=True).prefetch_related("roles").order_by("pk")
    return [(user.email, user.name, user.language) for user in staff if actor_of(user).may(permission)]
