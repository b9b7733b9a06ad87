"""A client's statement of account in the console, and whether it is mailed."""

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from billing.actions.account import open_account
from billing.actions.statement import mail_statement, set_statements
from billing.models import Statements
from billing.views.statement_page import days_asked, pdf_answer, statement_context
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.crud import StaffVerbView

VIEW, REMIND = "billing.invoice.view", "billing.invoice.remind"


class ClientStatement(StaffView, View):
    """As the client sees it."""

    permission = VIEW
    api_file = "application/pdf"
    api_parameters = ("from", "to", "year")

    @cached_property
    def client(self):
        """The client of the address, or 404."""
        found = Client.objects.visible_to(self.request.actor).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def file(self, request, pk):
        """The PDF of the days of the address."""
        return pdf_answer(open_account(self.client), days_asked(request, self.client))

    def get(self, request, pk):
        """The days of the address, or their PDF."""
        if "pdf" in request.GET:
            return self.file(request, pk)
        account, days = open_account(self.client), days_asked(request, self.client)
        crumbs = [(_now("Clients"), reverse("clients_staff:client_list")), (self.client.name, self.client.get_absolute_url()),
                  (_now("Statement"), "")]  # fmt: skip
        context = statement_context(request, account, days)
        context |= {
            "crumbs": crumbs,
            "client": self.client,
            "mails": account.get_statements_display(),
            "may_mail": request.actor.may(REMIND),
            "mail_url": f"{reverse('billing_staff:client_statement_mail', args=[pk])}?{days.query}",
        }
        return render(request, "billing/staff/statement.html", context)


class StatementsForm(forms.Form):
    """Whether they are mailed."""

    statements = forms.ChoiceField(
        label=_("Statements of account by mail"), choices=Statements.choices, required=False, widget=forms.RadioSelect
    )


class ClientStatements(StaffVerbView):
    """Each month, never, or as in the settings."""

    model = Client
    permission = REMIND
    title = _("Statements of account by mail")
    explain = _("Sent on the first days of a month for the month before, when something was booked in it or is open.")
    button = _("Save")
    form_class = StatementsForm
    done = _("Saved.")

    def get_initial(self):
        """As it is."""
        return {"statements": open_account(self.obj).statements}

    def action(self, client, *, statements, actor):
        """Of the client's account."""
        return set_statements(open_account(client), statements=statements, actor=actor)

    def after_url(self, result):
        """To the statement."""
        return reverse("billing_staff:client_statement", args=[self.obj.pk])


class DaysForm(forms.Form):
    """From and to, both included; without them this year so far."""

    first_on = forms.DateField(label=_("From"), required=False)
    last_on = forms.DateField(label=_("To"), required=False)

    def clean(self):
        """In their order, and not beyond today: what is to come is on no statement."""
        data, today = super().clean(), clock.today()
        last = min(data.get("last_on") or today, today)
        first = data.get("first_on") or last.replace(month=1, day=1)
        if first > last and not self.errors:
            self.add_error("first_on", _now("This is after the last day."))
        return {"first_on": first, "last_on": last}


class StatementMailByApi(StaffVerbView):
    """The statement of the days that are sent, now."""

    model = Client
    permission = REMIND
    title = _("Mail this statement")
    form_class = DaysForm

    def action(self, client, *, first_on, last_on, actor):
        """Of these days."""
        return mail_statement(open_account(client), first_on, last_on, actor=actor)


class ClientStatementMail(StaffVerbView):
    """The statement of the days in the address, now."""

    by_api = StatementMailByApi
    model = Client
    permission = REMIND
    title = _("Mail this statement")
    button = _("Send")
    done = _("The statement is on its way.")

    @property
    def explain(self):
        """Which days."""
        return days_asked(self.request, self.obj).title

    def action(self, client, *, actor):
        """Not beyond today: what is to come is on no statement."""
        days = days_asked(self.request, client)
        return mail_statement(open_account(client), days.first, max(days.first, min(days.last, clock.today())), actor=actor)

    def after_url(self, result):
        """To the statement."""
        return reverse("billing_staff:client_statement", args=[self.obj.pk])
