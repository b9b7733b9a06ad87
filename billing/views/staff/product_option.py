"""Configurable options in the console: groups, and an option with its choices, their prices in a matrix, and its rules."""

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.product_option import Choice, create_option_group, save_option, update_option_group
from billing.forms.invoice import shifted
from billing.forms.product_option import (
    ChoiceFormSet,
    OptionGroupForm,
    ProductOptionForm,
    RuleFormSet,
    initial_of,
    sources_for,
    ways_to_pay,
)
from billing.models import OptionGroup, ProductOption
from billing.models.cycle import Cycle
from hostbill.core.access import StaffView, require
from hostbill.core.crud import Column, NumberColumn, StaffEditView, StaffListView
from hostbill.core.crud.edit import add_error
from hostbill.core.doors import open_to
from hostbill.core.errors import AppError
from hostbill.core.ui.currencies import folded

VIEW, EDIT = "billing.product.view", "billing.product.edit"
LIST = (gettext_lazy("Options"), "billing_staff:option_group_list")


class OptionGroupList(StaffListView):
    """Groups with what they hold and who offers them."""

    model = OptionGroup
    permission = VIEW
    title = gettext_lazy("Options")
    columns = [
        Column("name", gettext_lazy("Group"), link=True, strong=True),
        NumberColumn("option_count", gettext_lazy("Options")),
        NumberColumn("product_count", gettext_lazy("Products")),
        NumberColumn("sort", gettext_lazy("Order"), sort="sort"),
    ]
    search = ["name__icontains", "options__name__icontains"]
    sort = "sort"
    create_url, create_label, create_permission = "billing_staff:option_group_create", gettext_lazy("New group"), EDIT
    template_name = "billing/staff/product/list.html"
    empty = (
        gettext_lazy("No options yet"),
        gettext_lazy("A group holds what customers choose about a product: memory, disk, backups. Attach it to several products."),
    )

    def get_queryset(self):
        """With how much each holds."""
        counts = {"option_count": Count("options", distinct=True), "product_count": Count("products", distinct=True)}
        return OptionGroup.objects.annotate(**counts)


class OptionGroupEdit(StaffEditView):
    """Name, products, and the way to its options."""

    model = OptionGroup
    form_class = OptionGroupForm
    permission = EDIT
    title = gettext_lazy("option group")
    crumbs = [LIST]
    template_name = "billing/staff/option/group.html"
    create_action = staticmethod(create_option_group)
    update_action = staticmethod(update_option_group)

    def get_queryset(self):
        """All; the permission guards the page."""
        return OptionGroup.objects.all()

    def more_context(self):
        """The options of the group."""
        group = self.current()
        return {"options": group.options.prefetch_related("choices") if group else []}

    def back_url(self, obj):
        """The list."""
        return super().back_url(None)


class OptionEdit(StaffView, View):
    """One option: `pk` is its key, or with `group` a new one. `verb=more` adds a row and stores nothing."""

    model = ProductOption
    crumbs = [LIST]
    permission = VIEW

    @cached_property
    def option(self) -> ProductOption:
        """The option at hand, new or stored; 404 for none."""
        if "group" in self.kwargs:
            group = OptionGroup.objects.filter(pk=self.kwargs["group"]).first()
            found = group and ProductOption(group=group)
        else:
            found = ProductOption.objects.select_related("group").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def forms(self, data=None):
        """(option, choices, rules)."""
        option = self.option
        currencies, cycles = ways_to_pay(option.group)
        rows = option.choices.prefetch_related("prices") if option.pk else []
        choices = [initial_of(row) for row in rows] or [{}]
        sources = sources_for(option.group, option)
        keys = [f"{rule.source_id}:{rule.choice_id or ''}" for rule in self.rules]
        rules = [
            {"effect": rule.effect, "when": key, "at_least": rule.at_least} for rule, key in zip(self.rules, keys, strict=True)
        ]
        return (
            ProductOptionForm(data, instance=option),
            ChoiceFormSet(data, initial=choices, prefix="lines", form_kwargs={"currencies": currencies, "cycles": cycles}),
            RuleFormSet(data, initial=rules, prefix="rules", form_kwargs={"sources": sources}),
        )

    @cached_property
    def rules(self) -> list:
        """Those that hold now."""
        return list(self.option.rules.all()) if self.option.pk else []

    def get(self, request, **kwargs):
        """The editor."""
        if self.option.pk is None:
            require(request.actor, EDIT)
        return self.page(*self.forms())

    def post(self, request, **kwargs):
        """Save all or nothing."""
        require(request.actor, EDIT)
        if request.POST.get("verb") == "more":
            form, choices, rules = self.forms(shifted(request.POST, "more", {"name": ""}))
            return self.page(form, choices, rules)
        form, choices, rules = self.forms(request.POST)
        if not all([form.is_valid(), choices.is_valid(), rules.is_valid()]):
            return self.page(form, choices, rules, status=422)
        try:
            saved = self.save(form, choices, rules)
        except AppError as error:
            add_error(form, error)
            return self.page(form, choices, rules, status=422)
        messages.success(request, _("Saved."))
        return redirect(saved.group)

    def save(self, form, choices, rules) -> ProductOption:
        """Through the action, on a row of its own: the form has written into the view's."""
        known = set(self.option.choices.values_list("pk", flat=True)) if self.option.pk else set()
        rows = [choice.choice() for choice in choices]
        rows = [row for row in rows if row.name.strip() or row.prices or row.pk]
        for row in rows:
            row.name = row.name.strip() or form.cleaned_data["name"]
            row.pk = row.pk if row.pk in known else None
        found = [rule for row in rules if (rule := row.rule())]
        return save_option(form.instance, choices=rows or self._only_row(form), rules=found, actor=self.request.actor)

    def _only_row(self, form) -> list:
        """A yes/no or quantity that nobody priced is free."""
        is_list = form.cleaned_data["kind"] in (ProductOption.Kind.DROPDOWN, ProductOption.Kind.RADIO)
        return [] if is_list else [Choice(form.cleaned_data["name"])]

    def page(self, form, choices, rules, status=200):
        """Three parts under one button."""
        option, is_new = self.option, self.option.pk is None
        currencies, cycles = ways_to_pay(option.group)
        group = option.group
        title = _("New option") if is_new else ProductOption.objects.get(pk=option.pk).name
        context = {
            "page_title": title,
            "crumbs": [(LIST[0], reverse(LIST[1])), (group.name, open_to(self.request.actor, group.get_absolute_url())), (title, "")],
            "group": group,
            "form": form,
            "choices": choices,
            "rules": rules,
            "tables": _tables(choices, currencies),
            "cycles": [Cycle(cycle).label for cycle in cycles],
            "may_edit": self.request.actor.may(EDIT),
        }
        return render(self.request, "billing/staff/option/edit.html", context, status=status)


def _tables(choices, currencies) -> list:
    """[(currency, [(choice, its cells)], whether it is folded)]."""
    rows = {currency: [(row, row.cells(currency)) for row in choices] for currency in currencies}
    fields = {currency: [field for _row, cells in found for pair in cells for field in pair] for currency, found in rows.items()}
    shown, rest = folded(currencies, fields.get)
    return [(currency, rows[currency], currency in rest) for currency in [*shown, *rest]]
