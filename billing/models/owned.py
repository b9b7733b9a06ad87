"""The queryset of everything that belongs to a client."""

from django.db import models


class OwnedQuerySet(models.QuerySet):
    """Rows of a client. Subclass per model with `permission` (staff) and `client_path` (lookup to the client's id)."""

    permission = ""
    client_path = "client_id"
    area = "billing"

    def visible_to(self, actor):
        """Staff with the permission see all, a client what is theirs within their area rights, others nothing."""
        if actor.may(self.permission):
            return self
        if actor.kind == "client":
            allowed = [pk for pk in actor.client_ids if self.area in actor.areas.get(pk, ())]
            return self.filter(**{f"{self.client_path}__in": allowed})
        return self.none()

    def of_client(self, client):
        """Rows of one client."""
        return self.filter(**{self.client_path: client.pk})


def owned(permission: str, client_path: str = "client_id", area: str = "billing", base=OwnedQuerySet):
    """A manager over an `OwnedQuerySet` (or a subclass given as `base`) for the permission and path named."""
    attributes = {"permission": permission, "client_path": client_path, "area": area}
    return type(f"{base.__name__}For", (base,), attributes).as_manager()
