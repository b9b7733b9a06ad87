"""The books in the console: chart of accounts, journal, trial balance, closed months, files for bookkeeping programs."""

from datetime import date, timedelta

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.journal import change_ledger_account, export_journal
from billing.actions.period import close_month, first_open_month, reopen_month
from billing.forms.invoice import ReasonForm
from billing.forms.ledger import JournalExportForm, LedgerAccountForm, MonthCloseForm, SpanForm
from billing.models import JournalEntry, LedgerAccount, LedgerPeriod, Posting
from billing.models.cycle import add_months
from billing.queries.ledger import account_page, currencies_of, trial_balance
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.compiled import Compiled, keys_in
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    DateRange,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Text,
    Verb,
)
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.ui.words import month_words

VIEW, EDIT, EXPORT = "billing.ledger.view", "billing.ledger.edit", "billing.ledger.export"
CLOSE, REOPEN = "billing.ledger.close", "billing.ledger.reopen"
REPORTS = (gettext_lazy("Reports"), "staff_reports")
PLACES = "billing/staff/places/books.html"
CHART = (gettext_lazy("Chart of accounts"), "billing_staff:ledger_account_list")


class LedgerAccountList(StaffListView):
    """The chart of accounts."""

    model = LedgerAccount
    permission = VIEW
    title = gettext_lazy("Chart of accounts")
    places_template = PLACES
    crumbs = [REPORTS]
    columns = [
        Column("name", gettext_lazy("Account"), link=True, strong=True, sort="name", phone="lead"),
        Column("code", gettext_lazy("Code"), sort="code", muted=True, phone="under"),
        Column("type", gettext_lazy("Type"), value=lambda account: account.get_type_display(), phone="end"),
        Column("datev_account", "DATEV", phone="hide"),
        Column("xero_code", "Xero", phone="hide"),
        Column("quickbooks_name", "QuickBooks", phone="hide"),
    ]
    filters = [Choice("type", gettext_lazy("Type"), LedgerAccount.Type.choices)]
    search = ["code__icontains", "name__icontains", "datev_account__startswith"]
    sort = "code"
    empty = (gettext_lazy("No accounts yet"), gettext_lazy("Each is made when it is booked for the first time."))


class LedgerAccountDetail(StaffDetailView):
    """Its postings with the running balance."""

    model = LedgerAccount
    permission = VIEW
    template_name = "billing/staff/ledger/account.html"
    crumbs = [REPORTS, CHART]
    verbs = [Verb("edit", gettext_lazy("Names elsewhere…"), "billing_staff:ledger_account_edit", EDIT, "", "pencil")]

    def subtitle(self, account):
        """Code and type."""
        return f"{account.code} · {account.get_type_display()}"

    def more_context(self, account):
        """One currency at a time, by keyset."""
        codes = currencies_of(account)
        asked = self.request.GET.get("currency", "")
        currency = asked if asked in codes else next(iter(codes), "")
        before = self.request.GET.get("before", "")
        before = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None
        return {
            "currencies": [{"label": code, "url": f"?currency={code}", "current": code == currency} for code in codes],
            "currency": currency,
            "before": before,
            "lines": account_page(account, currency, before),
        }


class LedgerAccountEdit(StaffEditView):
    """What it is called, here and in bookkeeping programs."""

    model = LedgerAccount
    form_class = LedgerAccountForm
    permission = EDIT
    title = gettext_lazy("ledger account")
    explain = gettext_lazy("Code and type stay: the books go by them.")
    crumbs = [REPORTS, CHART]
    update_action = staticmethod(change_ledger_account)


def _amount(entry: JournalEntry):
    """What was debited, in the entry's first currency."""
    debits = [posting.money for posting in entry.postings.all() if posting.amount > 0]
    return sum((money for money in debits[1:] if money.currency == debits[0].currency), debits[0]) if debits else None


def _postings(keys):
    return Posting.objects.filter(entry_id__in=keys_in(keys)).only("entry_id", "ledger_account_id", "account_id", "currency", "amount")


_POSTINGS = Compiled(_postings, keys=str)


class JournalEntryList(StaffListView):
    """The journal, the newest day first."""

    model = JournalEntry
    permission = VIEW
    title = gettext_lazy("Journal")
    places_template = PLACES
    crumbs = [REPORTS]
    select = ("invoice",)
    prefetch = ("postings",)
    prefetch_drawn = {"postings": _POSTINGS}
    columns = [
        Column("description", gettext_lazy("What happened"), link=True, strong=True, phone="lead"),
        DateColumn("booked_on", gettext_lazy("Booked on"), sort="booked_on", phone="under"),
        Column("postings", gettext_lazy("Amount"), value=_amount, numeric=True, strong=True, phone="end"),
        Column("invoice", gettext_lazy("Invoice"), phone="hide"),
        Column("key", gettext_lazy("Fact"), muted=True, shown=False),
        DateColumn("booked_at", gettext_lazy("Written"), shown=False),
    ]
    filters = [DateRange("booked_on", gettext_lazy("Booked on")), Text("key", gettext_lazy("Fact"), lookup="startswith")]
    search = ["key__startswith", "invoice__number__iexact", "payment__remote_id__iexact"]
    search_hint = gettext_lazy("Number of an invoice, transaction, fact")
    sort = "-booked_on"
    empty = (gettext_lazy("Nothing is booked yet"), gettext_lazy("The first invoice makes the first entry."))


class JournalEntryDetail(StaffDetailView):
    """One fact with its postings."""

    model = JournalEntry
    permission = VIEW
    select = ("invoice", "payment", "refund", "reverses")
    template_name = "billing/staff/ledger/entry.html"
    crumbs = [REPORTS, (gettext_lazy("Journal"), "billing_staff:journal_entry_list")]

    def title(self, entry):
        """What happened."""
        return entry.description

    def facts(self, entry):
        """Where it comes from."""
        facts = [(_("Entry"), entry.pk), (_("Fact"), entry.key), (_("Booked on"), entry.booked_on), (_("Written"), entry.booked_at)]
        for label, other in ((_("Invoice"), entry.invoice), (_("Payment"), entry.payment), (_("Reverses"), entry.reverses)):
            if other is not None:
                facts.append((label, other, other.get_absolute_url()))
        return facts

    def more_context(self, entry):
        """Its postings."""
        return {"postings": entry.postings.select_related("ledger_account", "account__client")}


class TrialBalance(StaffView, View):
    """What each account had, got and has; always zero together."""

    permission = VIEW

    def get(self, request):
        """Of a month, of a day, or of any days."""
        form = SpanForm(request.GET if "first" in request.GET else None)
        if form.is_bound and form.is_valid():
            first, last, currency = (form.cleaned_data[name] for name in ("first", "last", "currency"))
        else:
            first, last, currency = clock.today().replace(day=1), clock.today(), form.fields["currency"].initial
        month = first.replace(day=1)
        context = {
            "page_title": _("Trial balance"),
            "crumbs": [(label, reverse(route)) for label, route in (REPORTS,)] + [(_("Trial balance"), "")],
            "form": form,
            "first": first,
            "last": last,
            "balance": trial_balance(first, last, currency),
            "months": [
                {"label": label, "url": self.month_url(add_months(month, step), currency)}
                for label, step in ((_("The month before"), -1), (_("The month after"), 1))
            ],
        }
        return render(request, "billing/staff/ledger/trial_balance.html", context, status=422 if form.errors else 200)

    def month_url(self, month: date, currency: str) -> str:
        """The whole month."""
        return f"?first={month}&last={add_months(month, 1) - timedelta(days=1)}&currency={currency}"


class JournalExport(StaffView, View):
    """The journal as a file."""

    permission = EXPORT

    def get(self, request):
        """Which days, which file."""
        return self.show(JournalExportForm())

    def post(self, request):
        """The file, made while it is sent."""
        form = JournalExportForm(request.POST)
        if not form.is_valid():
            return self.show(form, 422)
        try:
            made = export_journal(**form.cleaned_data, actor=request.actor)
        except AppError as error:
            add_error(form, error)
            return self.show(form, 422)
        response = StreamingHttpResponse(made.parts, content_type=made.mime)
        response["Content-Disposition"] = f'attachment; filename="{made.name}"'
        return response

    def show(self, form, status=200):
        """The form."""
        trail = [(label, reverse(route)) for label, route in (REPORTS,)] + [(_("Export the journal"), "")]
        context = {"page_title": _("Export the journal"), "crumbs": trail, "form": form}
        return render(self.request, "billing/staff/ledger/export.html", context, status=status)


class LedgerPeriodList(StaffListView):
    """Months that were closed at least once."""

    model = LedgerPeriod
    permission = VIEW
    title = gettext_lazy("Closed months")
    places_template = PLACES
    crumbs = [REPORTS]
    columns = [
        DateColumn("month", gettext_lazy("Month"), link=True, strong=True, sort="month", numeric=False, phone="",
                   render=lambda period: month_words(period.month, year=True)),
        StateColumn(),
        DateColumn("closed_at", gettext_lazy("Closed")),
        Column("closed_by", gettext_lazy("By"), phone="hide"),
        DateColumn("reopened_at", gettext_lazy("Opened again")),
        Column("reason", gettext_lazy("Why"), phone="hide"),
    ]
    sort = "-month"
    create_url, create_label, create_permission = "billing_staff:ledger_period_create", gettext_lazy("Close a month"), CLOSE
    empty = (
        gettext_lazy("No month is closed"),
        gettext_lazy("Closing one locks its days: what was reported of it stays as it was."),
    )


class LedgerPeriodDetail(StaffDetailView):
    """Who closed it, and the way back."""

    model = LedgerPeriod
    permission = VIEW
    crumbs = [REPORTS, (gettext_lazy("Closed months"), "billing_staff:ledger_period_list")]
    verbs = [
        Verb("reopen", gettext_lazy("Open again…"), "billing_staff:ledger_period_reopen", REOPEN, "danger",
             when=lambda period: period.closed_at is not None),
    ]  # fmt: skip

    def title(self, period):
        """The month in words."""
        return month_words(period.month, year=True)

    def facts(self, period):
        """Closed and opened."""
        return [
            (_("Closed"), period.closed_at),
            (_("By"), period.closed_by),
            (_("Opened again"), period.reopened_at),
            (_("By"), period.reopened_by),
            (_("Why"), period.reason),
        ]


class LedgerPeriodCreate(StaffEditView):
    """Close a month and those before it."""

    model = LedgerPeriod
    form_class = MonthCloseForm
    permission = CLOSE
    explain = gettext_lazy(
        "No entry can be booked in closed months. What belongs there and comes later is booked on the first open day."
    )
    button = gettext_lazy("Close the month")
    done = gettext_lazy("Closed.")
    crumbs = [REPORTS, (gettext_lazy("Closed months"), "billing_staff:ledger_period_list")]
    success_url = "billing_staff:ledger_period_list"
    create_action = staticmethod(close_month)

    def get_title(self):
        """What it does."""
        return _("Close a month")

    def get_initial(self):
        """The next one."""
        return {"month": first_open_month(), **super().get_initial()}


class LedgerPeriodReopen(StaffVerbView):
    """Take entries again."""

    model = LedgerPeriod
    permission = REOPEN
    title = gettext_lazy("Open this month again")
    explain = gettext_lazy("What was reported of it may change. It is kept in the log, with your reason.")
    button = gettext_lazy("Open it again")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(reopen_month)
    done = gettext_lazy("Open again.")
