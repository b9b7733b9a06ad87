"""Billable items in the console."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.actions.billable import bill_again, create_billable, drop_billable, invoice_items, update_billable
from billing.forms.billable import BillableForm, NewBillableForm
from billing.forms.quote import WhyForm
from billing.models import BillableItem
from billing.views.staff.for_client import ForClient
from clients.models import Client
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    NumberColumn,
    Related,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.errors import AppError
from hostbill.core.ui.words import in_digits

VIEW, EDIT = "billing.billable.view", "billing.billable.edit"
LIST = "billing_staff:billable_list"
#: So many are invoiced by one click; the rest by the next.
AT_ONCE = 500


def is_open(item) -> bool:
    """Whether something of it is still to be charged."""
    return item.state == BillableItem.State.OPEN


def may_be_billed_again(item) -> bool:
    """Whether an invoice of it was cancelled."""
    return any(charge.invoice.state == "cancelled" for charge in item.charges.all())


def quantity_words(item) -> str:
    """``1.5 h`` or ``3``."""
    number = in_digits(f"{item.quantity.normalize():f}")
    return _("%(number)s h") % {"number": number} if item.unit_kind == "hours" else number


class BillableList(StaffListView):
    """The newest first."""

    model = BillableItem
    permission = VIEW
    title = gettext_lazy("Billable items")
    select = ("client",)
    places_template = "billing/staff/places/invoices.html"
    columns = [
        Column("description", gettext_lazy("What"), link=True, strong=True, phone="lead"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), phone="under"),
        Column("action", gettext_lazy("Invoice"), value=lambda item: item.get_action_display(), muted=True, phone="hide"),
        NumberColumn("quantity", gettext_lazy("Quantity"), value=quantity_words, phone="hide"),
        MoneyColumn("amount", gettext_lazy("Net"), strong=True, phone="end"),
        DateColumn("worked_on", gettext_lazy("Day of the work"), sort="worked_on", shown=False),
        DateColumn("next_on", gettext_lazy("Next"), sort="next_on", shown=False),
        NumberColumn("times_done", gettext_lazy("Times invoiced"), shown=False),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("action", gettext_lazy("Invoice"), BillableItem.Action.choices),
        Choice("state", gettext_lazy("State"), BillableItem.State.choices),
        DateRange("next_on", gettext_lazy("Next")),
        DateRange("worked_on", gettext_lazy("Day of the work")),
    ]
    search = ["description__icontains", "client__company__icontains", "client__last_name__icontains"]
    sort = "-id"
    tabs = [
        Tab("open", gettext_lazy("Open"), Q(state="open"), count=True),
        Tab("not_yet", gettext_lazy("Not yet"), Q(state="open", action="not_yet"), count=True),
        Tab("next", gettext_lazy("Next invoice"), Q(state="open", action="next_invoice")),
        Tab("planned", gettext_lazy("On a day"), Q(state="open", next_on__isnull=False)),
        Tab("done", gettext_lazy("Invoiced"), Q(state="done")),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [
        BulkAction("invoice", gettext_lazy("Invoice now"), None, EDIT, "file-invoice", kind="primary", when=is_open),
        BulkAction("drop", gettext_lazy("Drop"), drop_billable, EDIT, "circle-x", kind="danger", form_class=WhyForm,
                   confirm=gettext_lazy("They are not charged any more. What is invoiced already stays."), when=is_open),
    ]  # fmt: skip
    create_url, create_label, create_permission = "billing_staff:billable_create", gettext_lazy("New item"), EDIT
    empty = (gettext_lazy("No billable items here"), gettext_lazy("Write down hours or things to be invoiced later, or again and again."))

    def post_bulk(self):
        """Invoicing is not done row by row: one invoice per client over everything chosen."""
        if self.request.POST.get("bulk") != "invoice":
            return super().post_bulk()
        if not self.request.actor.may(EDIT):
            raise Http404
        rows = self.matching if self.everything else self.rows.filter(pk__in=self.chosen_ids)
        by_account: dict = {}
        for item in rows.filter(state="open").select_related("account", "client").order_by("account_id", "pk")[:AT_ONCE]:
            by_account.setdefault(item.account, []).append(item)
        self._invoice(by_account)
        return self.stay()

    def _invoice(self, by_account: dict) -> None:
        made = []
        for account, items in by_account.items():
            try:
                invoice = invoice_items(account, items, actor=self.request.actor)
            except AppError as error:
                messages.error(self.request, f"{account.client}: {error.message}")
                continue
            made += [invoice] if invoice else []
        if made:
            words = ngettext("%(count)d invoice is issued: %(numbers)s", "%(count)d invoices are issued: %(numbers)s", len(made))
            numbers = ", ".join(str(invoice) for invoice in made[:10])
            messages.success(self.request, in_digits(words % {"count": len(made), "numbers": numbers}))
        else:
            messages.info(self.request, _("Nothing was open on what you chose."))


class BillableDetail(StaffDetailView):
    """What it is, and the invoices on which it stands."""

    model = BillableItem
    permission = VIEW
    select = ("client", "account")
    template_name = "billing/staff/billable/detail.html"
    crumbs = [(gettext_lazy("Billable items"), LIST)]
    verbs = [
        Verb("invoice", gettext_lazy("Invoice now…"), "billing_staff:billable_invoice", EDIT, "primary", "file-invoice", is_open),
        Verb("edit", gettext_lazy("Edit"), "billing_staff:billable_edit", EDIT, "", "pencil", is_open),
        Verb("again", gettext_lazy("Bill again…"), "billing_staff:billable_again", EDIT, "", "refresh", may_be_billed_again),
        Verb("drop", gettext_lazy("Drop…"), "billing_staff:billable_drop", EDIT, "danger", "circle-x", is_open),
    ]

    def get_queryset(self):
        """With its charges."""
        return super().get_queryset().prefetch_related("charges__invoice")

    def facts(self, item):
        """Everything that was entered."""
        rows = [
            (_("Client"), item.client, item.client.get_absolute_url()),
            (_("Quantity"), quantity_words(item)),
            (_("Price of one, net"), f"{item.unit_price} {item.currency}"),
            (_("Together, net"), item.amount),
            (_("Tax"), item.get_tax_class_display()),
            (_("Day of the work"), item.worked_on),
            (_("Invoice"), item.get_action_display()),
        ]
        if item.action == "recurring":
            every = _("%(count)s %(unit)s") % {"count": in_digits(str(item.every)), "unit": item.get_every_unit_display()}
            rows += [(_("Every"), every), (_("From"), item.first_on), (_("How many times"), item.times or _("until it is stopped"))]
        rows.append((_("Next"), item.next_on))
        return [row for row in rows if row[1] not in (None, "")]

    def more_context(self, item):
        """Its facts and the invoices."""
        return {"charges": item.charges.all()}


class BillableCreate(ForClient, StaffEditView):
    """For whom, then what."""

    model = BillableItem
    form_class = NewBillableForm
    permission = EDIT
    title = gettext_lazy("billable item")
    crumbs = [(gettext_lazy("Billable items"), LIST)]
    columns = 2
    create_action = staticmethod(create_billable)

    def get(self, request, *args, **kwargs):
        """First for whom."""
        if self.client is None:
            return self.choose_client(_("New billable item"), (_("Billable items"), LIST), _("For whom?"))
        return super().get(request, *args, **kwargs)

    def form_options(self):
        """For anybody whom one may see."""
        return {"clients": Client.objects.visible_to(self.request.actor)}

    def get_title(self):
        """With the client."""
        return _("New billable item for %(name)s") % {"name": self.client.name if self.client else ""}


class BillableEdit(StaffEditView):
    """Correct an open one."""

    model = BillableItem
    form_class = BillableForm
    permission = EDIT
    select = ("client", "account")
    crumbs = [(gettext_lazy("Billable items"), LIST)]
    columns = 2
    update_action = staticmethod(update_billable)

    def get(self, request, *args, **kwargs):
        """What is charged or dropped is only looked at."""
        return super().get(request, *args, **kwargs) if is_open(self.obj) else redirect(self.obj)


class BillableVerb(StaffVerbView):
    """One act on an item."""

    model = BillableItem
    permission = EDIT
    select = ("client", "account")


class BillableInvoice(BillableVerb):
    """On an invoice of its own."""

    title = gettext_lazy("Invoice this item now")
    explain = gettext_lazy("An invoice over the next charge of it is issued and mailed to the client.")
    button = gettext_lazy("Issue the invoice")
    done = gettext_lazy("Invoiced.")

    def action(self, item, *, actor):
        """One invoice, however often this is clicked."""
        return invoice_items(item.account, [item], actor=actor)

    def after_url(self, invoice):
        """To the invoice, else the item."""
        return invoice.get_absolute_url() if invoice else reverse("billing_staff:billable_detail", args=[self.obj.pk])


class BillableAgain(BillableVerb):
    """Its invoice was cancelled."""

    title = gettext_lazy("Bill it again")
    explain = gettext_lazy("What stood on a cancelled invoice waits to be invoiced once more.")
    button = gettext_lazy("Bill it again")
    action = staticmethod(bill_again)


class BillableDrop(BillableVerb):
    """Not charged, or not any more."""

    title = gettext_lazy("Drop this item")
    explain = gettext_lazy("It is not charged any more. What is invoiced already stays.")
    button = gettext_lazy("Drop it")
    kind = "danger"
    form_class = WhyForm
    action = staticmethod(drop_billable)
