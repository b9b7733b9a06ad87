"""Changes of prices of many running services in the console: prepared, looked at, begun, withdrawn."""

from django.utils.translation import gettext_lazy as _

from billing.actions.price_update import (
    begin_price_update,
    create_price_update,
    update_price_update,
    withdraw_price_update,
)
from billing.forms.invoice import ReasonForm
from billing.forms.price import PriceUpdateForm
from billing.models import PriceUpdate
from billing.queries.price_update import affected, preview
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    NumberColumn,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Verb,
)
from hostbill.core.options import COMPANY_CURRENCY

VIEW, EDIT = "billing.price_update.view", "billing.price_update.edit"
MOST_SHOWN = 50


class PriceUpdateList(StaffListView):
    """The newest first."""

    model = PriceUpdate
    permission = VIEW
    title = _("Changes of prices")
    columns = [
        Column("name", _("Change"), link=True, strong=True),
        StateColumn(),
        DateColumn("starts_on", _("From"), sort="starts_on"),
        Column("currency", _("Currency")),
        NumberColumn("entered_count", _("Services"), strong=True),
        NumberColumn("told_count", _("Mails")),
    ]
    filters = [Choice("state", _("State"), PriceUpdate.State.choices)]
    search = ["name__icontains"]
    sort = "-pk"
    create_url, create_label, create_permission = "billing_staff:price_update_create", _("Prepare a change"), EDIT
    template_name = "billing/staff/product/list.html"
    empty = (_("No changes yet"), _("Raise or lower prices of running services, with a look at everybody who is affected first."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return PriceUpdate.objects.all()


class PriceUpdateDetail(StaffDetailView):
    """Before it begins: who would pay what. Afterwards: how far it got."""

    model = PriceUpdate
    permission = VIEW
    template_name = "billing/staff/price_update/detail.html"
    crumbs = [(_("Changes of prices"), "billing_staff:price_update_list")]
    verbs = [
        Verb("begin", _("Begin…"), "billing_staff:price_update_begin", EDIT, "primary", "player-play",
             lambda row: row.state == "draft"),
        Verb("edit", _("Change"), "billing_staff:price_update_edit", EDIT, "", "pencil", lambda row: row.state == "draft"),
        Verb("withdraw", _("Withdraw…"), "billing_staff:price_update_withdraw", EDIT, "danger", "",
             lambda row: row.state != "withdrawn"),
    ]  # fmt: skip

    def get_queryset(self):
        """All; the permission guards the page."""
        return PriceUpdate.objects.all()

    def facts(self, row):
        """What it does."""
        return [
            (_("New price"), row.get_how_display()),
            (_("Figure"), f"{row.percent.normalize():f} %" if row.percent else row.money),
            (_("From"), row.starts_on),
            (_("Services entered"), row.entered_count),
            (_("Mails"), row.told_count if row.tells else _("none")),
        ]

    def more_context(self, row):
        """The look ahead, or the rows."""
        found = preview(row) if row.state == "draft" else None
        some = affected(row).select_related("client", "product")[:MOST_SHOWN] if found else []
        rows = row.rows.select_related("subscription__client", "subscription__product")[:MOST_SHOWN] if not found else []
        return {"found": found, "some": some, "rows": rows, "letter": row.reason, "most": MOST_SHOWN}


class PriceUpdateEdit(StaffEditView):
    """Prepare or correct one; saving begins nothing."""

    model = PriceUpdate
    form_class = PriceUpdateForm
    permission = EDIT
    title = _("change of prices")
    explain = _("Saving only prepares it: the next page shows who would pay what. Nothing happens before you begin it there.")
    button = _("Save and look at it")
    crumbs = [(_("Changes of prices"), "billing_staff:price_update_list")]
    columns = 2
    create_action = staticmethod(create_price_update)
    update_action = staticmethod(update_price_update)

    def get_queryset(self):
        """All; the permission guards the page."""
        return PriceUpdate.objects.all()

    def get_initial(self):
        """In our own currency."""
        return {"currency": COMPANY_CURRENCY.value, **super().get_initial()}


class _Verb(StaffVerbView):
    """One act on a change."""

    model = PriceUpdate
    permission = EDIT

    def get_queryset(self):
        """All; the permission guards the page."""
        return PriceUpdate.objects.all()


class PriceUpdateBegin(_Verb):
    """Enter it for everybody."""

    title = _("Begin this change of prices")
    explain = _(
        "The new price is entered for each service, and each client gets one mail if you chose so. It runs in the background; you "
        "can withdraw it until its day."
    )
    button = _("Begin")
    action = staticmethod(begin_price_update)
    done = _("It has begun. This page shows how far it is.")


class PriceUpdateWithdraw(_Verb):
    """Take back what does not hold yet."""

    title = _("Withdraw this change of prices")
    explain = _("Services that do not pay the new price yet keep their old one. Mails that were sent cannot be taken back.")
    button = _("Withdraw it")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(withdraw_price_update)
    done = _("Withdrawn.")
