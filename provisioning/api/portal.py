"""Services for clients' programs: what the client area shows and lets do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hostbill.core.api.fields import Fact
from hostbill.core.api.nouns import ClientNoun
from hostbill.core.crud import DateColumn, PortalListView, PortalVerbView
from hostbill.core.errors import AppError
from provisioning.models import Service
from provisioning.queries.account import panel_address, panel_name
from provisioning.queries.panel import capabilities
from provisioning.views.login import panel_link
from provisioning.views.portal.service import SELECT, ServiceCancel, ServiceKeep, ServicePassword

#: Verb -> what the panel must be able to do.
NEEDS = {"panel": "login_link", "webmail": "webmail_login", "password": "set_password"}
LINK = {"type": "object", "properties": {"login_url": {"type": "string", "format": "uri"}}, "required": ["login_url"]}


class ServiceRows(PortalListView):
    """What the account has."""

    model, area, title, sort = Service, "services", gettext_lazy("Services"), "-pk"
    select = SELECT
    columns = [DateColumn("live_at", gettext_lazy("Online since"), sort="live_at")]
    search = ["domain__icontains"]


class PanelLink(PortalVerbView):
    """A link that signs in to the panel once; it holds for a moment and is not kept."""

    model, area, title = Service, "services", gettext_lazy("Log in to the panel")
    select = SELECT
    target = "panel"
    outside = True
    api_result = LINK

    def act(self, values):
        """Made now."""
        if self.target not in verbs_of(self.obj):
            raise AppError(_("The panel can be opened while the service is online."), code="not_possible_now")
        return {"login_url": panel_link(self.request, self.obj, target=self.target)}


class WebmailLink(PanelLink):
    """The same for webmail."""

    title = gettext_lazy("Log in to webmail")
    target = "webmail"


def words_of(service) -> str:
    """The state as clients read it."""
    return ", ".join(str(part) for part in service.client_words[1:])


def verbs_of(service) -> list[str]:
    """What can be done with it now."""
    can, row = capabilities(service.server), service.subscription
    found = [verb for verb, need in NEEDS.items() if service.state == "live" and service.has_account and need in can]
    if row.is_running or row.state == "pending":
        found.append("keep" if row.cancel_at_end else "cancel")
    return found


CLIENT_NOUNS = [
    ClientNoun(
        "services",
        ServiceRows,
        (
            "domain state",
            Fact("state_words", nullable=False, get=words_of),
            "username subscription live_at suspended_at terminated_at usage usage_at",
            Fact("panel", nullable=True, get=lambda service: panel_name(service.server) or None),
            Fact("panel_url", nullable=True, get=lambda service: panel_address(service.server) or None),
            Fact("verbs", "list", nullable=False, get=verbs_of),
        ),
        select=SELECT,
        acts={"panel": PanelLink, "webmail": WebmailLink, "password": ServicePassword, "cancel": ServiceCancel, "keep": ServiceKeep},
    ),
]
