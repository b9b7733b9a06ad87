"""Promotions in the console: codes, what they give, who used them."""

from django.conf import settings
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.promotion import create_promotion, switch_promotion, update_promotion
from billing.forms.promotion import PromotionForm, choice_words
from billing.models import Cycle, DiscountKind, Promotion
from billing.queries.promotion_words import gives_words
from hostbill.core import clock
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    DateRange,
    NumberColumn,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.ui.words import day_words

VIEW, EDIT = "billing.promotion.view", "billing.promotion.edit"
MOST_USES = 50


def over() -> Q:
    """Can never be used again as it stands."""
    return Q(is_active=False) | Q(ends_on__lt=clock.today()) | Q(max_uses__isnull=False, used_count__gte=F("max_uses"))


class PromotionList(StaffListView):
    """The newest first."""

    model = Promotion
    permission = VIEW
    title = gettext_lazy("Promotions")
    prefetch = ("amounts",)
    columns = [
        Column("code", gettext_lazy("Code"), link=True, strong=True, second=lambda row: row.name, phone="lead"),
        StateColumn(phone="start"),
        Column("gives", gettext_lazy("Gives"), value=gives_words, phone="end"),
        NumberColumn("used_count", gettext_lazy("Used"), value=lambda row: used_words(row), strong=True, sort="used_count", phone="hide"),
        DateColumn("starts_on", gettext_lazy("First day"), sort="starts_on"),
        DateColumn("ends_on", gettext_lazy("Last day"), sort="ends_on"),
    ]
    filters = [
        Choice("kind", gettext_lazy("Kind"), DiscountKind.choices),
        Choice("who", gettext_lazy("For"), Promotion.Who.choices),
        DateRange("ends_on", gettext_lazy("Last day")),
    ]
    tabs = [
        Tab("usable", gettext_lazy("Usable"), lambda request: ~over()),
        Tab("over", gettext_lazy("Over"), lambda request: over()),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    search = ["code__icontains", "name__icontains"]
    sort = "-pk"
    create_url, create_label, create_permission = "billing_staff:promotion_create", gettext_lazy("New promotion"), EDIT
    template_name = "billing/staff/product/list.html"
    empty = (gettext_lazy("No promotions yet"), gettext_lazy("A code lowers prices in the basket, as often as you say."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return Promotion.objects.all()


def used_words(row: Promotion) -> str:
    """How often, of how often."""
    return f"{row.used_count} / {row.max_uses}" if row.max_uses is not None else str(row.used_count)


def _options_words(row: Promotion) -> str:
    """On which options, and whether on the product's own price too."""
    chosen = [choice_words(choice) for choice in row.choices.select_related("option__group")]
    words = ", ".join(chosen) or (_("all") if row.includes_options else _("none"))
    return words if row.includes_base else _("%(options)s, not on the price itself") % {"options": words}


class PromotionDetail(StaffDetailView):
    """What it gives, its link, who used it."""

    model = Promotion
    permission = VIEW
    template_name = "billing/staff/promotion/detail.html"
    crumbs = [(gettext_lazy("Promotions"), "billing_staff:promotion_list")]
    verbs = [
        Verb("edit", gettext_lazy("Change"), "billing_staff:promotion_edit", EDIT, "primary", "pencil"),
        Verb("off", gettext_lazy("Switch it off"), "billing_staff:promotion_off", EDIT, "danger", "",
             lambda row: row.is_active),
        Verb("on", gettext_lazy("Switch it on"), "billing_staff:promotion_on", EDIT, "", "",
             lambda row: not row.is_active),
    ]  # fmt: skip

    def get_queryset(self):
        """All; the permission guards the page."""
        return Promotion.objects.prefetch_related("amounts", "products", "required_products")

    def facts(self, row):
        """All conditions in words."""
        every = _("all")
        return [
            (_("Gives"), gives_words(row)),
            (_("On"), ", ".join(product.name for product in row.products.all()) or every),
            (_("Cycles"), ", ".join(str(Cycle(cycle).label) for cycle in row.cycles) or every),
            (_("On options"), _options_words(row)),
            (_("For"), row.get_who_display()),
            (_("Once per client"), _("yes") if row.once_per_client else _("no")),
            (_("Used"), used_words(row)),
            (_("Valid"), self._days(row)),
            (_("Only with"), ", ".join(product.name for product in row.required_products.all()) or None),
            (_("With other codes"), _("yes") if row.is_combinable else _("no")),
            (_("Note"), row.notes or None),
        ]

    def _days(self, row) -> str:
        first = day_words(row.starts_on, True) if row.starts_on else _("always")
        return f"{first} – {day_words(row.ends_on, True)}" if row.ends_on else first

    def more_context(self, row):
        """The link that carries it, and who used it."""
        return {
            "link": f"{settings.SITE_URL}{reverse('store:plans')}?promo={row.code}",
            "uses": row.uses.select_related("client", "order")[:MOST_USES],
            "amounts": row.amounts.all(),
        }


class PromotionEdit(StaffEditView):
    """Make or change one."""

    model = Promotion
    form_class = PromotionForm
    permission = EDIT
    title = gettext_lazy("promotion")
    crumbs = [(gettext_lazy("Promotions"), "billing_staff:promotion_list")]
    template_name = "billing/staff/promotion/edit.html"
    create_action = staticmethod(create_promotion)
    update_action = staticmethod(update_promotion)

    def get_queryset(self):
        """All; the permission guards the page."""
        return Promotion.objects.all()


class _Switch(StaffVerbView):
    """Whether the code can be used."""

    model = Promotion
    permission = EDIT

    def get_queryset(self):
        """All; the permission guards the page."""
        return Promotion.objects.all()


class PromotionOff(_Switch):
    """No longer."""

    title = gettext_lazy("Switch this promotion off")
    explain = gettext_lazy("Nobody can use the code any more. What runs already keeps what it was promised.")
    button = gettext_lazy("Switch it off")
    kind = "danger"
    done = gettext_lazy("The code does not hold any more.")

    def action(self, row, *, actor):
        """Off."""
        return switch_promotion(row, is_active=False, actor=actor)


class PromotionOn(_Switch):
    """Again."""

    title = gettext_lazy("Switch this promotion on")
    explain = gettext_lazy("The code can be used again, within its days and its limit.")
    button = gettext_lazy("Switch it on")
    done = gettext_lazy("The code holds again.")

    def action(self, row, *, actor):
        """On."""
        return switch_promotion(row, is_active=True, actor=actor)
