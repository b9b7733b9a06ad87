"""Bank statements in the console: take a file, see how it is read, import it; the lines that wait, booked many at a time."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from billing.actions.bank import discard_statement, import_statement, leave_line, take_statement, take_up_line
from billing.forms.bank import MappingForm, StatementForm
from billing.forms.invoice import ReasonForm
from billing.models import BankAccount, BankLine, BankStatement
from billing.queries.bank_csv import fits, guess, table
from billing.queries.bank_file import is_table, read
from hostbill.core import clock
from hostbill.core.access import StaffView, require
from hostbill.core.crud import (
    BulkAction,
    Code,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    NumberColumn,
    Related,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
)
from hostbill.core.crud.detail import ObjectMixin
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError

VIEW, BOOK = "billing.payment.view", "billing.payment.book"
SHOWN_ROWS, SHOWN_PROBLEMS = 8, 5


def became(line) -> str:
    """Whose money it was, or why it was left."""
    return line.payment.client.name if line.payment else line.reason


class BankLineList(StaffListView):
    """Every transfer that the bank told of, and what became of it."""

    model = BankLine
    permission = VIEW
    title = gettext_lazy("Bank lines")
    select = ("account", "payment__client")
    places_template = "billing/staff/places/payments.html"
    columns = [
        DateColumn("booked_on", gettext_lazy("Day"), sort="booked_on", numeric=False),
        Column("payer", gettext_lazy("Payer"), link=True, strong=True, second=lambda line: line.text,
               value=lambda line: line.payer or "–", phone="lead"),
        StateColumn(phone="start"),
        Column("became", gettext_lazy("Became"), value=became, phone="full"),
        Column("account", gettext_lazy("Bank account"), phone="hide"),
        MoneyColumn("money", gettext_lazy("Amount"), strong=True, phone="end"),
        Column("payer_account", gettext_lazy("Payer's account"), shown=False),
        Column("bank_reference", gettext_lazy("Bank's reference"), shown=False),
    ]  # fmt: skip
    filters = [
        DateRange("booked_on", gettext_lazy("Day")),
        Related("account", gettext_lazy("Bank account"), BankAccount),
        Code("currency", gettext_lazy("Currency")),
    ]
    search = ["payer__icontains", "text__icontains", "payer_account__icontains", "bank_reference__iexact"]
    sort = "-booked_on"
    tabs = [
        Tab("open", gettext_lazy("Wait to be booked"), Q(state="open"), count=True, tone="warn"),
        Tab("booked", gettext_lazy("Booked"), Q(state="booked")),
        Tab("left", gettext_lazy("Left aside"), Q(state="left")),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [
        BulkAction("leave", gettext_lazy("Leave aside"), leave_line, BOOK, "x", form_class=ReasonForm,
                   confirm=gettext_lazy("For money that is no client's, such as interest. Nothing is booked; it can be taken up again."),
                   when=lambda line: line.state == "open"),
        BulkAction("take_up", gettext_lazy("Take up again"), take_up_line, BOOK, "refresh", when=lambda line: line.state == "left"),
    ]  # fmt: skip
    template_name = "billing/staff/bank/list.html"
    create_url = "billing_staff:bank_statement_create"
    create_label, create_permission = gettext_lazy("Import a statement"), BOOK
    empty = (gettext_lazy("No bank lines here"), gettext_lazy("Import a statement: its incoming transfers are listed here."))

    def trail(self):
        """Below the payments."""
        return [(_("Payments"), reverse("billing_staff:payment_list")), (self.title, "")]

    def get_context(self):
        """Whether there is anything to book."""
        may = self.request.actor.may(BOOK)
        waiting = may and BankLine.objects.filter(state="open").exists()
        return super().get_context() | {"may_book_lines": waiting}


class BankStatementList(StaffListView):
    """The files taken in."""

    model = BankStatement
    permission = VIEW
    title = gettext_lazy("Bank statements")
    select = ("account",)
    places_template = "billing/staff/places/payments.html"
    columns = [
        Column("name", gettext_lazy("File"), link=True, strong=True, phone="lead"),
        StateColumn(phone="start"),
        Column("account", gettext_lazy("Bank account"), phone="under"),
        Column("taken_by", gettext_lazy("By"), phone="hide"),
        DateColumn("created_at", gettext_lazy("Uploaded"), sort="created_at"),
        NumberColumn("new_count", gettext_lazy("New lines"), phone="hide"),
        NumberColumn("known_count", gettext_lazy("Known already"), phone="hide"),
    ]
    filters = [Related("account", gettext_lazy("Bank account"), BankAccount)]
    search = ["name__icontains"]
    sort = "-created_at"
    create_url = "billing_staff:bank_statement_create"
    create_label, create_permission = gettext_lazy("Import a statement"), BOOK
    empty = (
        gettext_lazy("No statements yet"),
        gettext_lazy("Export the transactions of your account at the bank and bring the file here."),
    )

    def trail(self):
        """Below the payments."""
        lines = (_("Bank lines"), reverse("billing_staff:bank_line_list"))
        return [(_("Payments"), reverse("billing_staff:payment_list")), lines, (self.title, "")]


class BankStatementCreate(StaffEditView):
    """A file of the bank."""

    model = BankStatement
    permission = BOOK
    form_class = StatementForm
    title = gettext_lazy("Import a bank statement")
    explain = gettext_lazy("You see what is in it before anything is stored. A file imported twice adds nothing.")
    button = gettext_lazy("Go on")
    done = ""
    crumbs = [(gettext_lazy("Payments"), "billing_staff:payment_list"), (gettext_lazy("Bank lines"), "billing_staff:bank_line_list")]
    create_action = staticmethod(take_statement)

    def get_title(self):
        """No object yet, and its noun is not "statement"."""
        return self.title


class BankStatementDetail(StaffView, ObjectMixin, View):
    """How the file is read: columns, the first rows, what is new. `verb` check stores nothing, import does."""

    model = BankStatement
    permission = VIEW
    select = ("account",)

    def get(self, request, pk):
        """As remembered for the account, else as guessed."""
        statement = self.obj
        if statement.imported_at or not is_table(statement.content):
            return self.page(None, {})
        try:
            found = table(statement.content)
        except AppError as error:
            return self.page(None, {}, error)
        remembered = statement.account.mapping
        mapping = remembered if fits(remembered, found) else guess(found)
        return self.page(self.form(found, initial=mapping), mapping)

    def form(self, found, data=None, initial=None):
        """The mapping's form for the columns there are."""
        return MappingForm(data, initial=initial, head=found.head, today=clock.today())

    def post(self, request, pk):
        """Read anew, or import."""
        require(request.actor, BOOK)
        statement, form, mapping = self.obj, None, {}
        try:
            if is_table(statement.content) and not statement.imported_at:
                form = self.form(table(statement.content), request.POST)
                if not form.is_valid():
                    return self.page(form, {}, status=422)
                mapping = form.mapping
            if request.POST.get("verb") != "import":
                return self.page(form, mapping)
            statement = import_statement(statement, mapping=mapping, actor=request.actor)
        except AppError as error:
            if form:
                add_error(form, error)
            return self.page(form, mapping, None if form else error, status=422)
        return self.imported(statement)

    def imported(self, statement):
        """Say what came of it, and go where it is booked."""
        if not statement.new_count:
            messages.info(self.request, _("Nothing new: all of this file was imported before."))
            return redirect("billing_staff:bank_line_list")
        words = ngettext("%(number)s new line.", "%(number)s new lines.", statement.new_count) % {"number": statement.new_count}
        if statement.known_count:
            words += " " + _("%(number)s were known already.") % {"number": statement.known_count}
        messages.success(self.request, words)
        return redirect("billing_staff:bank_line_match")

    def page(self, form, mapping, error=None, status=200):
        """The file as far as it can be read."""
        statement, reading, sample = self.obj, None, None
        if not statement.imported_at and error is None:
            try:
                reading = read(statement.content, statement.account, mapping)
                sample = table(statement.content) if is_table(statement.content) else None
            except AppError as refused:
                error = refused if form is None or not form.is_bound else None
        context = {
            "page_title": str(statement),
            "crumbs": [(_("Bank lines"), reverse("billing_staff:bank_line_list")), (str(statement), "")],
            "statement": statement,
            "form": form,
            "reading": reading,
            "new_rows": reading.new[:SHOWN_ROWS] if reading else [],
            "problems": reading.unreadable[:SHOWN_PROBLEMS] if reading else [],
            "sample": {"head": sample.head, "rows": [cells for _number, cells in sample.rows[:3]]} if sample else None,
            "error": error,
            "may_import": self.request.actor.may(BOOK),
        }
        return render(self.request, "billing/staff/bank/statement.html", context, status=status)


class BankStatementDiscard(StaffVerbView):
    """Throw the file away."""

    model = BankStatement
    permission = BOOK
    title = gettext_lazy("Throw this file away")
    explain = gettext_lazy("Nothing of it was imported, so nothing is lost.")
    button = gettext_lazy("Throw away")
    kind = "danger"
    action = staticmethod(discard_statement)
    success_url = "billing_staff:bank_line_list"
    done = gettext_lazy("Thrown away.")
