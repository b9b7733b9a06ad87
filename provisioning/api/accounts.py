"""Accounts on servers by API: what moves left behind, and asking and mending all servers at once."""

from django.utils.translation import gettext_lazy as _

from hostbill.core import jobs
from hostbill.core.api.addresses import WHOLE, YES, shaped
from hostbill.core.crud import Column, DateColumn, Related, StaffEditView, StaffListView, YesNo
from hostbill.core.errors import AppError
from provisioning.actions.drift import mend_safely
from provisioning.models import Drift, FormerAccount, Server
from provisioning.queries import drift as queries
from provisioning.views.staff.drift import AT_ONCE, COMPARE
from provisioning.views.staff.service import VIEW


class FormerRows(StaffListView):
    """They stand on their services' pages."""

    model, permission, title, sort = FormerAccount, VIEW, _("Former accounts"), "-pk"
    select = ("service", "server")
    columns = [Column("username", _("User name")), DateColumn("left_at", _("Left"))]
    filters = [Related("server", _("Server"), Server), YesNo("removed_at__isnull", _("Still there"))]


class Compare(StaffEditView):
    """The nightly comparison, now."""

    model, permission, title = Drift, queries.SERVER, _("Compare all servers now")
    api_answer = shaped(started=YES)

    def act(self, values):
        """AppError while one is under way."""
        jobs.run_now(COMPARE, actor=self.request.actor)
        return {"started": True}


class MendSafe(StaffEditView):
    """All that can be mended without a decision, each for itself."""

    model, permission, title = Drift, queries.EDIT, _("Mend what can be mended without a decision")
    api_answer = shaped(mended=WHOLE, refused={"type": "array", "items": {"type": "object", "required": ["id", "why"]}})

    def act(self, values):
        """How many, and what was refused."""
        mended, refused = 0, []
        for drift in Drift.objects.filter(queries.SAFE).select_related("service", "server").order_by("pk")[:AT_ONCE]:
            try:
                mend_safely(drift, actor=self.request.actor)
                mended += 1
            except AppError as error:
                refused.append({"id": drift.pk, "why": str(error.message)})
        return {"mended": mended, "refused": refused}
