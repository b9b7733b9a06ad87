"""Bundles in the console."""

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.bundle import save_bundle
from billing.forms.bundle import BundleForm, PartFormSet, initial_of
from billing.forms.currencies import currencies_in_use
from billing.models import Bundle
from hostbill.core.access import StaffView, require
from hostbill.core.crud import Column, NumberColumn, StaffListView, StateColumn, YesNo
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError

VIEW, EDIT = "billing.product.view", "billing.product.edit"
LIST = (gettext_lazy("Bundles"), "billing_staff:bundle_list")


class BundleList(StaffListView):
    """With their links."""

    model = Bundle
    permission = VIEW
    title = gettext_lazy("Bundles")
    columns = [
        Column("name", gettext_lazy("Bundle"), link=True, strong=True, second=lambda bundle: bundle.tagline, phone="lead"),
        StateColumn(phone="start"),
        Column("slug", gettext_lazy("Link"), value=lambda bundle: bundle.get_store_url(), muted=True, phone="hide"),
        NumberColumn("part_count", gettext_lazy("Products"), phone="hide"),
    ]
    filters = [YesNo("is_hidden", gettext_lazy("Not sold now"))]
    search = ["name__icontains", "slug__icontains"]
    sort = "name"
    create_url, create_label, create_permission = "billing_staff:bundle_create", gettext_lazy("New bundle"), EDIT
    template_name = "billing/staff/product/list.html"
    empty = (
        gettext_lazy("No bundles yet"),
        gettext_lazy("Several products under one link, at prices that hold only together."),
    )

    def get_queryset(self):
        """With how many products each has."""
        return Bundle.objects.annotate(part_count=Count("items"))


class BundleEdit(StaffView, View):
    """Create or change: name, link, parts with their prices."""

    model = Bundle
    crumbs = [LIST]
    permission = VIEW

    @cached_property
    def bundle(self) -> Bundle | None:
        """The row named by the URL; None when creating."""
        if "pk" not in self.kwargs:
            return None
        found = Bundle.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def forms(self, data=None):
        """(bundle, parts)."""
        items = self.bundle.items.prefetch_related("prices") if self.bundle else []
        options = {"currencies": currencies_in_use()}
        initial = [initial_of(item) for item in items]
        return BundleForm(data, instance=self.bundle), PartFormSet(data, initial=initial, prefix="parts", form_kwargs=options)

    def get(self, request, **kwargs):
        """The editor."""
        if self.bundle is None:
            require(request.actor, EDIT)
        return self.page(*self.forms())

    def post(self, request, **kwargs):
        """Save all or nothing."""
        require(request.actor, EDIT)
        form, parts = self.forms(request.POST)
        if not all([form.is_valid(), parts.is_valid()]):
            return self.page(form, parts, status=422)
        found = [part for row in parts if (part := row.part())]
        try:
            saved = save_bundle(form.instance, parts=found, actor=request.actor)
        except AppError as error:
            add_error(form, error)
            return self.page(form, parts, status=422)
        messages.success(request, _("Saved."))
        return redirect(saved)

    def page(self, form, parts, status=200):
        """Two parts under one button."""
        bundle = Bundle.objects.get(pk=self.bundle.pk) if self.bundle else None
        title = str(bundle) if bundle else _("New bundle")
        context = {
            "page_title": title,
            "crumbs": [(LIST[0], reverse(LIST[1])), (title, "")],
            "bundle": bundle,
            "state_words": bundle.state_words if bundle else None,
            "shop_url": self.request.build_absolute_uri(bundle.get_store_url()) if bundle else "",
            "form": form,
            "parts": parts,
            "may_edit": self.request.actor.may(EDIT),
            "back_url": reverse(LIST[1]),
        }
        return render(self.request, "billing/staff/bundle/edit.html", context, status=status)
