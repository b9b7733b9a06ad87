"""The way in: who one is here, and what there is."""

from django.conf import settings

from hostbill.core.api.base import ApiView, answer
from hostbill.core.api.document import document
from hostbill.core.api.nouns import AUDIENCES, PREFIX


class Entrance(ApiView):
    """GET: whose token this is, what it may do, and the nouns it may look at."""

    for_clients = True

    def get(self, request):
        """For a first try with a new token."""
        nouns = {
            name: f"{settings.SITE_URL}/{PREFIX}{name}/"
            for name, noun in sorted(AUDIENCES[self.audience].items())
            if self.may_use(noun.list_view)
        }
        who = {"id": self.actor.user_id, "label": self.actor.label, "kind": self.actor.kind}
        return answer({"actor": who, **self._rights(), "nouns": nouns})

    def _rights(self) -> dict:
        """What it may do: permissions, of a client's token the parts of the account."""
        if self.audience == "staff":
            return {"permissions": sorted(self.actor.permissions) if not self.actor.superuser else ["*"]}
        client = self.http.client
        areas = sorted(self.actor.areas[client.pk])
        return {"client": {"id": client.pk, "number": client.number, "name": client.name}, "areas": areas,
                "reads_only": self.actor.reads_only}  # fmt: skip


class Document(ApiView):
    """GET: the OpenAPI document, for everybody: it is the same for every house of this version."""

    audience = "staff"
    authentication_classes = permission_classes = ()

    def check_throttles(self, request):
        """It is made once and costs nothing."""

    def get(self, request):
        """JSON."""
        return answer(document(self.audience), headers={"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"})
