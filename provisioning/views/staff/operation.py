"""Operations in the console: the queue, one with its attempts, and the verbs that mend it."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    StaffDetailView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.failures import short
from provisioning.actions.operation import can_cancel, cancel_operation, retry_operation
from provisioning.actions.settlement import mark_done
from provisioning.forms.service import ReasonForm
from provisioning.models import Operation
from provisioning.queries.effect import describe

VIEW, MEND = "provisioning.service.view", "provisioning.operation.retry"
VERBS = [
    Verb("retry", _("Try now"), "provisioning_staff:operation_retry", permission=MEND, icon="refresh", kind="primary", post=True,
         when=lambda operation: operation.is_open or operation.state == "failed"),
    Verb("done", _("Mark as done…"), "provisioning_staff:operation_done", permission=MEND,
         when=lambda operation: (operation.is_open or operation.state == "failed") and operation.verb != "relocate"),
    Verb("cancel", _("Cancel…"), "provisioning_staff:operation_cancel", permission=MEND, kind="danger", when=can_cancel),
]  # fmt: skip


class OperationList(StaffListView):
    """What is sent to panels."""

    model = Operation
    permission = VIEW
    title = _("Operations")
    select = ("service", "server")
    crumbs = [(_("Services"), "provisioning_staff:service_list")]
    columns = [
        Column("get_verb_display", _("Operation"), link=True, strong=True),
        Column("service", _("Service")),
        StateColumn(),
        Column("server", _("Server")),
        Column("error", _("Last answer"), value=lambda operation: short(operation.error_code, operation.error)),
        Column("requested_by", _("Asked by")),
        DateColumn("created_at", _("Since"), sort="created_at", relative=True),
    ]
    filters = [
        Choice("verb", _("Operation"), Operation.VERB_CHOICES),
        Choice("state", _("State"), Operation.STATE_CHOICES),
    ]
    search = ["service__domain__icontains", "service__username__iexact", "server__name__icontains"]
    sort = "-created_at"
    tabs = [
        Tab("open", _("Under way"), Q(state__in=["queued", "running", "unknown"]), count=True),
        Tab("failed", _("Failed"), Q(state="failed"), count=True, tone="bad"),
        Tab("all", _("Everything"), Q()),
    ]
    bulk = [
        BulkAction(
            "retry",
            _("Try now"),
            retry_operation,
            MEND,
            "refresh",
            when=lambda operation: operation.is_open or operation.state == "failed",
        ),
        BulkAction("cancel", _("Cancel"), cancel_operation, MEND, kind="danger", form_class=ReasonForm, when=can_cancel),
    ]
    empty = (_("Nothing under way"), _("Whatever is sent to a panel stands here, with every try."))


class OperationDetail(StaffDetailView):
    """Cause, effect, next; then what was said."""

    model = Operation
    permission = VIEW
    select = ("service__client", "service__server", "server")
    template_name = "provisioning/staff/operation/detail.html"
    crumbs = [(_("Services"), "provisioning_staff:service_list"), (_("Operations"), "provisioning_staff:operation_list")]
    verbs = VERBS

    def facts(self, operation):
        """Who asked, when, where."""
        return [
            (_("Service"), operation.service, operation.service.get_absolute_url()),
            (_("Client"), operation.service.client, operation.service.client.get_absolute_url()),
            (_("Server"), operation.server, operation.server.get_absolute_url() if operation.server else ""),
            (_("Asked by"), operation.requested_by),
            (_("Reason"), operation.reason),
            (_("Asked"), operation.created_at),
            (_("Key of this round"), operation.key),
        ]

    def more_context(self, operation):
        return {"operation": operation, "attempts": operation.attempts.all(), "story": describe(operation)}


class OperationRetry(StaffVerbView):
    """Now instead of later, or once more."""

    model = Operation
    permission = MEND
    title = _("Try now")
    explain = _("If an earlier call may have worked, the server is asked first; nothing is done twice.")
    button = _("Try now")
    action = staticmethod(retry_operation)
    done = _("It is tried now.")


class OperationDone(StaffVerbView):
    """Settled by hand."""

    model = Operation
    permission = MEND
    title = _("Mark this operation as done")
    explain = _("Only after you have done it in the panel, or seen there that it is done. HostBill sends nothing.")
    button = _("It is done")
    form_class = ReasonForm
    action = staticmethod(mark_done)
    done = _("Marked as done.")


class OperationCancel(StaffVerbView):
    """Take the wish back."""

    model = Operation
    permission = MEND
    title = _("Cancel this operation")
    explain = _("Possible while nothing can have happened on the panel.")
    button = _("Cancel the operation")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(cancel_operation)
    done = _("Cancelled.")
