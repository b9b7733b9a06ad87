"""The way in: who one is here, and what there is."""

from django.conf import settings

from hostbill.core.api.base import ApiView, answer
from hostbill.core.api.document import document
from hostbill.core.api.nouns import NOUNS, PREFIX


class Entrance(ApiView):
    """GET: whose token this is, what it may do, and the nouns it may look at."""

    def get(self, request):
        """For a first try with a new token."""
        nouns = {
            name: f"{settings.SITE_URL}/{PREFIX}{name}/"
            for name, noun in sorted(NOUNS.items())
            if self.actor.may(noun.list_view.permission)
        }
        who = {"id": self.actor.user_id, "label": self.actor.label, "kind": self.actor.kind}
        may = sorted(self.actor.permissions) if not self.actor.superuser else ["*"]
        return answer({"actor": who, "permissions": may, "nouns": nouns})


class Document(ApiView):
    """GET: the OpenAPI document, for everybody: it is the same for every house of this version."""

    authentication_classes = permission_classes = ()

    def check_throttles(self, request):
        """It is made once and costs nothing."""

    def get(self, request):
        """JSON."""
        return answer(document(), headers={"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"})
