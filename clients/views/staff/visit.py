"""Logging in as a client, and stopping it."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View

from clients.actions.visit import end_visit, start_visit
from clients.forms.client import VisitForm
from clients.models import Client
from clients.queries.visit import PERMISSION, SESSION_KEY
from hostbill.core.access import StaffView
from hostbill.core.crud import StaffVerbView


class ClientVisit(StaffVerbView):
    """Asks why when the option says so, then opens the client area."""

    model = Client
    permission = PERMISSION
    explain = _(
        "You see the client area as the client does, with a band on every page until you stop. Cards, passwords and logins "
        "stay closed to you, and both names stand in the log."
    )
    button = _("Log in as client")
    form_class = VisitForm
    done = ""

    def get_title(self):
        """Whose place it is."""
        return _now("Log in as %(client)s") % {"client": self.obj.name}

    def act(self, values):
        """The marker lives in the colleague's own session: signing out ends the visit."""
        self.request.session[SESSION_KEY] = start_visit(self.obj, actor=self.request.actor, **values)

    def after_url(self, result):
        """The client's home."""
        return reverse("portal_home")


class ClientVisitEnd(StaffView, View):
    """Back to the client's page in the console; for every colleague, whatever became of their rights meanwhile."""

    http_method_names = ["post"]

    def post(self, request):
        """Forget the marker."""
        marker = request.session.pop(SESSION_KEY, None)
        client = Client.objects.filter(pk=marker["client_id"]).first() if marker else None
        if client is None:
            return redirect("staff_home")
        end_visit(client, actor=request.actor)
        return redirect(client)
