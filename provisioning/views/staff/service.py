"""Services in the console."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View

from billing.models import Invoice, InvoiceLine
from hostbill.core.access import StaffView
from hostbill.core.compiled import Compiled
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    Related,
    StaffDetailView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Text,
    Verb,
)
from hostbill.core.crud.detail import ObjectMixin
from hostbill.core.ui.words import day_words, local
from provisioning.actions import service as actions
from provisioning.actions.relocation import relocate_service, remove_former
from provisioning.forms.service import (
    AttachForm,
    MoveForm,
    PasswordForm,
    PlanForm,
    ReasonForm,
    RelocateForm,
    SuspendForm,
)
from provisioning.models import FormerAccount, Operation, Server, ServerGroup, Service
from provisioning.queries.account import panel_name
from provisioning.queries.effect import describe
from provisioning.queries.panel import capabilities
from provisioning.queries.story import staff_story, why_chain
from provisioning.queries.usage import usage_view
from provisioning.views.login import to_panel
from provisioning.views.staff.operation import VERBS as OPERATION_VERBS

VIEW, EDIT = "provisioning.service.view", "provisioning.service.edit"
LOGIN, PASSWORD = "provisioning.service.login", "provisioning.service.password"
TERMINATE, SUSPEND = "provisioning.service.terminate", "billing.subscription.suspend"
SELECT = ("client", "subscription__product", "subscription__account", "server__module_config", "group")
TROUBLE = Q(state="review") | (~Q(attention="") & ~Q(state="terminated"))
SHOWN_OPERATIONS = 12

OPERATIONS = Compiled(
    lambda service: Operation.objects.filter(service_id=service)
    .select_related("server", "service")
    .prefetch_related("attempts")
    .order_by("-pk")[:SHOWN_OPERATIONS],
    service=int,
)
FORMER = Compiled(
    lambda service: FormerAccount.objects.filter(service_id=service).standing().select_related("server"), service=int
)
INVOICES = Compiled(
    lambda subscription: Invoice.objects.filter(pk__in=InvoiceLine.objects.filter(subscription_id=subscription).values("invoice_id"))
    .select_related("client")
    .order_by("-pk")[:4],
    subscription=int,
)


def is_live(service) -> bool:
    """Online on a server."""
    return service.state == "live" and service.has_account


def is_quiet(service) -> bool:
    """Online, and nothing is being done to it now."""
    return is_live(service) and service.open_operation is None


def is_unplaced(service) -> bool:
    """The account was never made."""
    return service.live_at is None and service.state != "terminated"


def offers(capability: str, when):
    """Possible while the server's panel can do it and `when(service)` holds."""
    return lambda service: capability in capabilities(service.server) and when(service)


class ServiceList(StaffListView):
    """What exists, and what should."""

    model = Service
    permission = VIEW
    title = _("Services")
    select = ("client", "subscription__product", "server")
    columns = [
        Column(
            "shown_domain",
            _("Service"),
            value=str,
            link=True,
            strong=True,
            second=lambda row: row.subscription.product.name,
            phone="lead",
        ),
        StateColumn(phone="start"),
        Column("client", _("Client"), beside=lambda row: row.client.native_name, phone="full"),
        Column("server", _("Server"), phone="under"),
        Column("username", _("User name"), phone="hide"),
        DateColumn("created_at", _("Ordered"), sort="created_at"),
        Column("plan", _("Plan"), shown=False),
        Column("group", _("Group"), shown=False, needs=("group",)),
        Column("subscription.product.name", _("Product"), shown=False),
        DateColumn("live_at", _("Running since"), shown=False),
        Column("client.number", _("Client number"), shown=False),
    ]
    filters = [
        Choice("state", _("State"), Service.STATE_CHOICES),
        Related("server", _("Server"), Server),
        Related("group", _("Group"), ServerGroup),
        Text("plan", _("Plan"), lookup="istartswith"),
    ]
    search = [
        "domain__icontains",
        "username__iexact",
        "client__company__icontains",
        "client__last_name__icontains",
        "client__number__iexact",
    ]
    sort = "-created_at"
    tabs = [
        Tab("all", _("Running"), ~Q(state="terminated")),
        Tab("trouble", _("Need a person"), TROUBLE, count=True, tone="bad"),
        Tab("waiting", _("Being set up"), Q(state__in=["waiting", "setting_up"]), count=True),
        Tab("suspended", _("Suspended"), Q(state="suspended"), count=True),
        Tab("ended", _("Terminated"), Q(state="terminated")),
    ]
    bulk = [
        BulkAction(
            "suspend",
            _("Suspend"),
            actions.suspend_service,
            SUSPEND,
            "player-pause",
            "danger",
            form_class=ReasonForm,
            when=lambda service: service.state == "live",
        ),
        BulkAction(
            "resume",
            _("Resume"),
            actions.resume_service,
            SUSPEND,
            "player-play",
            form_class=ReasonForm,
            when=lambda service: service.state == "suspended",
        ),
        BulkAction("align", _("Compare and mend"), actions.align, EDIT, "refresh"),
    ]
    empty = (_("No services yet"), _("They appear when hosting is ordered."))


class ServiceDetail(StaffDetailView):
    """The answer and the cure; then why; then what was done."""

    model = Service
    permission = VIEW
    select = SELECT
    template_name = "provisioning/staff/service/detail.html"

    def trail(self, service):
        """Services, the client, this."""
        return [
            (_("Services"), reverse("provisioning_staff:service_list")),
            (service.client.name, service.client.get_absolute_url()),
            (f"S-{service.pk}", ""),
        ]

    def subtitle(self, service):
        """Product, server, since when."""
        product, server = service.subscription.product, service.server
        where = _now("%(product)s on %(server)s") % {"product": product, "server": server} if server else str(product)
        if service.live_at is None:
            return where
        return _now("%(where)s · running since %(day)s") % {"where": where, "day": day_words(local(service.live_at).date(), year=True)}

    verbs = [
        Verb("panel", _("Panel"), "provisioning_staff:service_panel", LOGIN, "", "external-link", offers("login_link", is_live), True),
        Verb("webmail", _("Webmail"), "provisioning_staff:service_webmail", LOGIN, "", "mail", offers("webmail_login", is_live), True),
        Verb("password", _("Password…"), "provisioning_staff:service_password", PASSWORD, "", "key", offers("set_password", is_quiet)),
        Verb("plan", _("Change plan…"), "provisioning_staff:service_plan", EDIT, "", "arrows-exchange", offers("change_plan", is_quiet)),
        Verb("sync", _("Read from panel"), "provisioning_staff:service_sync", EDIT, "", "refresh",
             lambda row: row.has_account and row.open_operation is None, True),
        Verb("suspend", _("Suspend…"), "provisioning_staff:service_suspend", SUSPEND, "", "player-pause",
             lambda row: row.state == "live" and row.subscription.state == "active"),
        Verb("start", _("Set it up now…"), "provisioning_staff:service_start", EDIT, "", "rocket",
             lambda row: row.state in ("waiting", "review") and not row.live_at),
        Verb("move", _("Choose server…"), "provisioning_staff:service_move", EDIT, "", "server-2", is_unplaced),
        Verb("relocate", _("Has moved…"), "provisioning_staff:service_relocate", EDIT, "", "server-2",
             lambda row: row.has_account and row.open_operation is None),
        Verb("attach", _("Attach account…"), "provisioning_staff:service_attach", EDIT, "", "link", is_unplaced),
        Verb("delivered", _("It is delivered…"), "provisioning_staff:service_delivered", EDIT, "", "check", is_unplaced),
        Verb("resume", _("Resume…"), "provisioning_staff:service_resume", SUSPEND, "", "player-play",
             lambda row: row.subscription.state == "suspended"),
        Verb("force", _("Lift it anyway…"), "provisioning_staff:service_force_resume", EDIT, "danger", "",
             lambda row: bool(row.suspended_elsewhere)),
        Verb("looked", _("It is well…"), "provisioning_staff:service_looked", EDIT, "", "check",
             lambda row: bool(row.attention) and row.live_at is not None),
        Verb("terminate", _("Terminate…"), "provisioning_staff:service_terminate", TERMINATE, "danger", "trash",
             lambda row: row.state != "terminated"),
    ]  # fmt: skip
    #: Verbs that stand elsewhere than in the panel card: in the band, or apart at the foot.
    APART = ("resume", "force", "looked", "terminate")

    def more_context(self, service):
        actor = self.request.actor
        invoice, chain = why_chain(service)
        operations = OPERATIONS(service=service.pk)
        return {
            "panel_verbs": [verb for verb in self.ready_verbs(service) if verb.key not in self.APART],
            "may_book": actor.may("billing.payment.book"),
            "may_give_days": actor.may(SUSPEND),
            "may_write": actor.may("support.ticket.reply"),
            "service": service,
            "subscription": service.subscription,
            "story": staff_story(service),
            "chain": chain,
            "chain_invoice": invoice,
            "operations": [self._told(row) for row in operations],
            "operation_count": service.operations.count() if len(operations) == SHOWN_OPERATIONS else len(operations),
            "former_accounts": FORMER(service=service.pk),
            "may_terminate": actor.may(TERMINATE),
            "usage": usage_view(service),
            "panel_name": panel_name(service.server),
            "invoices": self._invoices(service),
            "tickets": service.tickets.visible_to(actor).order_by("-pk")[:3],
        }

    def _told(self, operation):
        """The row with its attempts, its story and the verbs this person may use."""
        attempts = list(operation.attempts.all())
        return {
            "row": operation,
            "attempts": attempts,
            "story": describe(operation),
            "verbs": [
                {"label": verb.label, "url": reverse(verb.route, args=[operation.pk]), "post": verb.post, "icon": verb.icon,
                 "kind": "danger" if verb.kind == "danger" else ""}
                for verb in OPERATION_VERBS
                if self.request.actor.may(verb.permission) and verb.when(operation)
            ],
            "is_open": operation.is_open or (operation.state == "failed" and operation.service.attention),
        }  # fmt: skip

    def _invoices(self, service):
        if not self.request.actor.may("billing.invoice.view"):
            return []
        return INVOICES(subscription=service.subscription_id)


class ServicePanel(StaffView, ObjectMixin, View):
    """Staff into the client's panel; recorded."""

    model = Service
    permission = LOGIN
    select = SELECT
    http_method_names = ["post"]
    target = "panel"

    def post(self, request, pk):
        """The link is made now."""
        return to_panel(request, self.obj, target=self.target, back=self.obj.get_absolute_url())


class ServiceWebmail(ServicePanel):
    """Staff into the client's webmail; recorded."""

    target = "webmail"


class ServiceVerb(StaffVerbView):
    """One act on a service."""

    model = Service
    permission = EDIT
    select = SELECT

    def after_url(self, result):
        """Always back to the service."""
        return self.obj.get_absolute_url()


class ServiceSuspend(ServiceVerb):
    """A suspension by staff."""

    permission = SUSPEND
    title = _("Suspend this service")
    explain = _("The site goes offline. Files, databases and mail stay.")
    button = _("Suspend")
    kind = "danger"
    form_class = SuspendForm
    action = staticmethod(actions.suspend_service)
    done = _("The suspension is on its way to the server.")


class ServiceResume(ServiceVerb):
    """Lift every suspension."""

    permission = SUSPEND
    title = _("Resume this service")
    explain = _(
        "Every suspension in force is lifted, unpaid or not, and the same rule does not suspend it a second time. To take a "
        "promise to pay, choose “Resume until…” instead."
    )
    button = _("Resume")
    form_class = ReasonForm
    action = staticmethod(actions.resume_service)
    done = _("It is brought back online.")


class ServiceForceResume(ServiceVerb):
    """Lift what somebody else suspended in the panel."""

    title = _("Lift the panel's own suspension")
    explain = _("Somebody suspended the account in the panel, perhaps for abuse. Lift it only after you know why.")
    button = _("Lift it")
    kind = "danger"
    action = staticmethod(actions.force_resume)
    done = _("It is brought back online.")


class ServiceTerminate(ServiceVerb):
    """Delete the account."""

    permission = TERMINATE
    title = _("Terminate this service")
    explain = _("The account with all files, databases and mail is deleted on the server at once. This cannot be undone.")
    button = _("Terminate for good")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(actions.terminate_service)
    done = _("The account is being deleted.")

    def get_title(self):
        return _now("Terminate %(service)s") % {"service": self.obj}

    def type_word(self, service):
        return service.shown_domain or service.username


class ServicePlan(ServiceVerb):
    """Another plan."""

    title = _("Change the plan on the panel")
    explain = _("Only the limits on the server. What the client pays is changed at the subscription.")
    button = _("Change the plan")
    form_class = PlanForm
    action = staticmethod(actions.change_plan)
    done = _("The new plan is on its way to the server.")

    def form_options(self):
        return {"service": self.obj}

    def get_initial(self):
        return {"plan": self.obj.plan}


class ServicePassword(ServiceVerb):
    """A new panel password."""

    permission = PASSWORD
    title = _("Set the panel password")
    button = _("Set the password")
    form_class = PasswordForm
    action = staticmethod(actions.set_password)
    done = _("The new password is on its way to the server.")


class ServiceStart(ServiceVerb):
    """Set it up now."""

    title = _("Set it up now")
    explain = _("The account is made on a server of its group, if billing wants it online.")
    button = _("Set it up")
    action = staticmethod(actions.start_setup)
    done = _("It is being set up.")


class ServiceMove(ServiceVerb):
    """Another server before the account exists."""

    title = _("Choose the server")
    explain = _("Possible until the panel may have made the account.")
    button = _("Set it up there")
    form_class = MoveForm
    action = staticmethod(actions.move_service)
    done = _("It is set up there.")


class ServiceRelocate(ServiceVerb):
    """A technician moved the account with the panel's own tool."""

    title = _("The account was moved to another server")
    explain = _(
        "Move the account first, with the panel's own tool (WHM: Transfer Tool, Plesk: Migrator). Then say here where it is: that "
        "server is asked for an account with this user name and the service's domain. When it is there, the service goes over to "
        "it, with panel, usage, suspensions and renewals. When it is not, everything stays as it is. The old account is not touched: "
        "afterwards you can delete it here."
    )
    button = _("Look there and go over")
    form_class = RelocateForm
    action = staticmethod(relocate_service)
    done = _("The other server is being asked.")

    def form_options(self):
        """All servers but this one."""
        return {"service": self.obj}

    def get_initial(self):
        """Usually the user name stays."""
        return {"username": self.obj.username}


class FormerAccountRemove(StaffVerbView):
    """What a move left behind is deleted on its server."""

    model = FormerAccount
    permission = TERMINATE
    select = ("service", "server")
    title = _("Delete the old account")
    explain = _(
        "The account that was left behind is deleted on its old server with all files, databases and mail. The service itself is not "
        "touched. Do it when visitors and mail reach the new server. This cannot be undone."
    )
    button = _("Delete the old account for good")
    kind = "danger"
    action = staticmethod(remove_former)
    done = _("The old account is being deleted.")

    def type_word(self, former):
        """The old server's name: the domain would be the same on both."""
        return former.server.name

    def after_url(self, result):
        """Back to the service."""
        return self.obj.get_absolute_url()


class ServiceAttach(ServiceVerb):
    """An account that exists already."""

    title = _("Attach an existing account")
    explain = _("For accounts that were moved here or made by hand. The panel is read right after.")
    button = _("Attach")
    form_class = AttachForm
    action = staticmethod(actions.attach_account)
    done = _("Attached; the panel is being read.")


class ServiceDelivered(ServiceVerb):
    """Delivered by hand."""

    title = _("It is delivered")
    explain = _("For products without a panel: the service counts as online, and the client gets the welcome mail.")
    button = _("It is delivered")
    action = staticmethod(actions.mark_live)
    done = _("The service is online.")


class ServiceSync(ServiceVerb):
    """Read from the panel."""

    title = _("Read from the panel")
    button = _("Read")
    action = staticmethod(actions.sync_service)
    done = _("The panel is being read.")


class ServiceLooked(ServiceVerb):
    """A person looked."""

    title = _("It is well")
    explain = _("Clears the note. If something is still wrong, the nightly comparison finds it again.")
    button = _("It is well")
    action = staticmethod(actions.clear_attention)
    done = _("Cleared.")
