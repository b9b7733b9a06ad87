"""Differences between books and servers, each with a button that mends it."""

from dataclasses import replace
from functools import partial

from django.contrib import messages
from django.db.models import Q
from django.forms import Form
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View

from hostbill.core import jobs
from hostbill.core.access import StaffView
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    MoneyColumn,
    Related,
    StaffListView,
    StaffVerbView,
    Tab,
)
from hostbill.core.errors import AppError
from hostbill.core.models import JobRun
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.templatetags.kept import hashable
from hostbill.core.ui.words import day_words, moment_words
from provisioning.actions.drift import leave_drift, mend_drift, mend_safely
from provisioning.forms.drift import LeaveForm, TakeForm
from provisioning.models import Drift, Server
from provisioning.queries import drift as queries

COMPARE = "provisioning.compare_accounts"
#: The button mends at most so many in one go; the rest stays for the next press.
AT_ONCE = 200


def _name(drift: Drift):
    """The service, else the account's domain."""
    return drift.service or drift.domain or drift.username


def _who(drift: Drift) -> str:
    if drift.service is None:
        return _now("account %(name)s, belongs to nobody") % {"name": drift.username}
    return drift.service.client.name


def _theirs(drift: Drift):
    """What the server says, in the colour of a thing to look at."""
    words = {"unpaid": _now("the account is there"), "stranger": _now("an account of this name")}.get(drift.kind, drift.theirs)
    return format_html('<span class="tone-warn strong">{}</span><span class="second">{}</span>', words or "–", drift.server)


def _ours(drift: Drift):
    words = _now("no such service") if drift.kind == "stranger" else drift.ours
    return format_html('{}<span class="second">{}</span>', words or "–", drift.get_kind_display())


def _mend(actor, drift: Drift):
    """One button for those who may press it, or what became of it."""
    if drift.resolved_at:
        return format_html('<span class="muted">{}</span>', _now("mended") if drift.mend else _now("gone by itself"))
    if drift.mended_at:
        label = queries.ALL[drift.mend].label if drift.mend in queries.ALL else drift.mend
        return format_html('<span class="muted">{}</span>', _now("%(what)s: under way") % {"what": label})
    mend = queries.usual(drift)
    if not actor.may(mend.permission):
        return "–"
    url = reverse("provisioning_staff:drift_mend", args=[drift.pk, mend.key])
    tone = " button-danger" if mend.danger else ""
    return format_html(
        '<a class="button button-s{}" href="{}">{}{}<span class="sr-only">: {}</span></a>',
        tone, url, mend.label, "" if mend.safe else "…", _name(drift),
    )  # fmt: skip


class DriftList(StaffListView):
    """Where a panel and our books disagree: who loses, how much, and the way to end it."""

    model = Drift
    permission = "provisioning.server.view"
    title = _("Differences")
    template_name = "provisioning/staff/drift/list.html"
    crumbs = [(_("Servers"), reverse_lazy("provisioning_staff:server_list")), (_("Differences"), "")]
    select = ("server", "service__client", "service__subscription")
    link_related = False
    columns = [
        Column("service", _("Service or account"), value=_name, link=True, strong=True, second=_who),
        Column("ours", _("HostBill says"), render=_ours, phone="full"),
        Column("theirs", _("The server says"), render=_theirs, phone="full"),
        DateColumn("found_at", _("For"), sort="found_at", relative=True),
        MoneyColumn("leak", _("Leaks a month"), value=queries.leak, strong=True),
        Column("mend", _("Mend"), phone="full"),
    ]
    filters = [Choice("kind", _("Kind"), Drift.KIND_CHOICES), Related("server", _("Server"), Server, offer=True)]
    search = ["username__icontains", "domain__icontains", "service__domain__icontains"]
    sort = "-found_at"
    tabs = [
        Tab("open", _("All"), queries.STANDING, count=True),
        Tab("leaks", _("Runs unpaid"), queries.STANDING & queries.RUNS_UNPAID, count=True, tone="bad"),
        Tab("risk", _("Paid and does not run"), queries.STANDING & queries.AT_RISK, count=True, tone="bad"),
        Tab("facts", _("Different facts"), queries.STANDING & queries.OTHER_FACTS, count=True),
        Tab("left", _("Left as it is"), Q(resolved_at__isnull=True, left_at__isnull=False), count=True),
        Tab("gone", _("Mended or gone"), Q(resolved_at__isnull=False)),
    ]
    bulk = [
        BulkAction("safe", _("Mend the usual way"), mend_safely, permission=queries.EDIT, icon="check"),
        BulkAction("leave", _("Leave as it is"), leave_drift, permission=queries.SERVER),
    ]
    empty = (_("No differences"), _("Each night all accounts are compared with what is paid for."))

    def setup(self, request, *args, **kwargs):
        """The mends are those of the reader."""
        super().setup(request, *args, **kwargs)
        render = partial(_mend, request.actor)
        self.columns = [replace(column, render=render) if column.key == "mend" else column for column in self.columns]

    def url_of(self, row):
        """The service; a stranger has only its way to be mended."""
        if row.service_id:
            return row.service.get_absolute_url()
        mend = queries.usual(row)
        return reverse("provisioning_staff:drift_mend", args=[row.pk, mend.key]) if mend else ""

    def get_context(self):
        """With what it costs, whose loss it is, and when it was compared."""
        context, actor = super().get_context(), self.request.actor
        counts = queries.standing_by_kind()
        currency, lost = COMPANY_CURRENCY.value, queries.leaks()
        trend = queries.leak_by_month(currency)
        figures = {
            "leak": lost.get(currency) or Money.zero(currency),
            "other_leaks": [money for code, money in sorted(lost.items()) if code != currency],
            "trend": [(day_words(first, year=True).split(" ", 1)[1], value) for first, value in trend],
            "currency": currency,
            "losers": [
                (_now("Runs unpaid"), counts["unpaid"], "failed", "?tab=leaks"),
                (_now("Paid and does not run"), counts["risk"], "failed", "?tab=risk"),
                (_now("Same money, different facts"), counts["facts"], "attention", "?tab=facts"),
            ],
            "safe_count": counts["safe"] if actor.may(queries.EDIT) else 0,
        }
        return context | figures | {
            "figures_key": hashable(figures),
            "page_title": _headline(counts["all"]),
            "compared": _compared(JobRun.objects.filter(name=COMPARE).order_by("-slot").first()),
            "may_compare": actor.may(queries.SERVER),
        }


def _headline(number: int) -> str:
    if not number:
        return _now("Books and servers agree")
    words = ngettext("%(n)d difference between books and servers", "%(n)d differences between books and servers", number)
    return words % {"n": number}


def _compared(run: JobRun | None) -> dict:
    """When the accounts were compared last, in words; `running` while a comparison is under way."""
    if run is None:
        return {"words": _now("Never compared yet."), "running": False}
    if run.state in (JobRun.State.QUEUED, JobRun.State.RUNNING):
        return {"words": _now("Being compared now."), "running": True}
    failed = run.counts.get("failed", 0)
    words = _now("Compared %(at)s: %(count)d accounts.") % {
        "at": moment_words(run.finished_at or run.slot),
        "count": run.counts.get("accounts", 0),
    }
    if failed:
        words += " " + ngettext("%(n)d server did not answer.", "%(n)d servers did not answer.", failed) % {"n": failed}
    return {"words": words, "running": False}


class DriftMend(StaffVerbView):
    """One way for one difference: what will happen, then the button."""

    model = Drift
    permission = "provisioning.server.view"
    select = ("server", "service__client", "service__subscription")
    success_url = "provisioning_staff:drift_list"
    template_name = "provisioning/staff/drift/mend.html"
    crumbs = [(_("Servers"), "provisioning_staff:server_list"), (_("Differences"), "provisioning_staff:drift_list")]
    done = ""

    @property
    def mend(self) -> queries.Mend:
        """The way named in the URL."""
        found = queries.ALL.get(self.kwargs["way"])
        if found is None:
            raise Http404
        return found

    @classmethod
    def permission_for(cls, way, **kwargs):
        """Each way has its own right."""
        return queries.ALL[way].permission if way in queries.ALL else cls.permission

    def get_title(self):
        return f"{self.mend.label}: {_name(self.obj)}"

    @property
    def explain(self):
        return self.mend.explain

    @property
    def button(self):
        return self.mend.label

    @property
    def kind(self):
        return "danger" if self.mend.danger else "primary"

    @property
    def form_class(self):
        return {"import": TakeForm, "leave": LeaveForm}.get(self.mend.key, Form)

    def form_options(self):
        return {"drift": self.obj} if self.mend.key == "import" else {}

    def type_word(self, drift):
        return (drift.domain or drift.username) if self.mend.danger else ""

    def more_context(self):
        """The facts of both sides, and the other ways."""
        drift = self.obj
        others = [mend for mend in queries.ways(drift) if mend.key != self.mend.key and self.request.actor.may(mend.permission)]
        urls = [(mend.label, reverse("provisioning_staff:drift_mend", args=[drift.pk, mend.key])) for mend in others]
        return super().more_context() | {"drift": drift, "leak": queries.leak(drift), "others": urls}

    def act(self, values):
        drift = mend_drift(self.obj, way=self.mend.key, actor=self.request.actor, **values)
        messages.success(self.request, _done_words(drift, self.mend))


def _done_words(drift: Drift, mend: queries.Mend) -> str:
    if drift.resolved_at or mend.key in ("leave", "take_up"):
        return _now("Done: %(what)s.") % {"what": mend.label}
    return _now("%(what)s: on its way to %(server)s.") % {"what": mend.label, "server": drift.server}


class DriftMendSafe(StaffView, View):
    """All that can be mended without a decision."""

    permission = queries.EDIT
    http_method_names = ["post"]

    def post(self, request):
        """Each for itself; what is refused is told."""
        done, refused = 0, []
        for drift in Drift.objects.filter(queries.SAFE).select_related("service", "server").order_by("pk")[:AT_ONCE]:
            try:
                mend_safely(drift, actor=request.actor)
                done += 1
            except AppError as error:
                refused.append(f"{_name(drift)}: {error.message}")
        words = ngettext("%(count)d difference is being mended.", "%(count)d differences are being mended.", done)
        (messages.success if done else messages.info)(request, words % {"count": done})
        for line in refused[:8]:
            messages.warning(request, line)
        return redirect("provisioning_staff:drift_list")


class DriftCompare(StaffView, View):
    """Ask all servers now instead of tonight."""

    permission = queries.SERVER
    http_method_names = ["post"]

    def post(self, request):
        """The nightly job, once more."""
        try:
            jobs.run_now(COMPARE, actor=request.actor)
            messages.success(request, _now("The servers are being asked. Nothing on them is changed."))
        except AppError as error:
            messages.info(request, error.message)
        return redirect("provisioning_staff:drift_list")
