"""Payment gateways, panels and other drivers: configured copies, each with the form that its driver brings."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.models import GatewayEvent
from hostbill.core import modules
from hostbill.core.access import StaffView
from hostbill.core.crud import with_history
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from hostbill.core.models import ModuleConfig

PERMISSION = "core.module.edit"
KIND_LABELS = {
    "gateway": gettext_lazy("Payment gateways"),
    "panel": gettext_lazy("Server panels"),
}


class ModuleForm(forms.Form):
    """What every configured copy has."""

    label = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("As people here and customers read it.")
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)
    is_default = forms.BooleanField(label=gettext_lazy("Offered first"), required=False)


def state_of(module) -> tuple:
    """How the last test went, in words."""
    if not module.is_active:
        return ("draft", _("Not in use"))
    if module.test_error:
        return ("failed", _("Test failed"), module.test_error)
    return ("ok", _("Connected")) if module.tested_at else ("pending", _("Not tested yet"))


def driver_label(kind: str, name: str) -> str:
    """What the driver calls itself."""
    try:
        return str(modules.driver_class(kind, name).label)
    except (AppError, ImportError):
        return name


class ModuleList(StaffView, View):
    """By kind, with what can be added."""

    permission = PERMISSION

    def get(self, request):
        """All kinds that the installed apps know."""
        rows = list(ModuleConfig.objects.order_by("-is_default", "label"))
        kinds = [
            {
                "label": KIND_LABELS.get(name, name),
                "rows": [(row, driver_label(name, row.driver), state_of(row)) for row in rows if row.kind == name],
                "drivers": [
                    (driver_label(name, driver), reverse("module_create", args=[name, driver]))
                    for driver in kind.names()
                ],
            }
            for name, kind in modules.copied_kinds().items()
        ]
        return render(request, "pages/modules/list.html", {"page_title": _("Modules"), "kinds": kinds})


class _ModulePage(StaffView, View):
    """Create and edit share their page."""

    permission = PERMISSION

    def page(self, module, form, config, status=200):
        """Name and switches, then the driver's own fields."""
        title = module.label or _("New: %(driver)s") % {"driver": driver_label(module.kind, module.driver)}
        context = {
            "page_title": title,
            "crumbs": [(_("Modules"), reverse("module_list")), (title, "")],
            "module": module,
            "driver_label": driver_label(module.kind, module.driver),
            "state_words": state_of(module) if module.pk else None,
            "form": form,
            "config": config,
            **self.webhook(module),
        }
        return render(self.request, "pages/modules/edit.html", context, status=status)

    def webhook(self, module) -> dict:
        """The address to be entered at a gateway that calls us, and when it last did."""
        if module.pk is None or "webhook" not in modules.driver_class(module.kind, module.driver).capabilities:
            return {}
        last = GatewayEvent.objects.filter(gateway=module).order_by("-received_at").first()
        url = settings.SITE_URL + reverse("billing_hooks:gateway", args=[module.pk])
        return {"webhook_url": url, "webhook_at": last.received_at if last else None}

    def config_form(self, module, data=None):
        """The driver's fields; a stored secret is never shown, and an empty one keeps it."""
        driver = modules.driver_class(module.kind, module.driver)
        form = driver.Config(data, initial=module.config, prefix="config")
        stored = module.secrets or {}
        for name in getattr(driver, "secret_fields", ()):
            if stored.get(name) and name in form.fields:
                form.fields[name].required = False
                form.fields[name].help_text = _("Stored. Leave empty to keep it.")
        return form

    def save(self, module, data):
        """Store both forms, or show what is wrong."""
        form, config = ModuleForm(data), self.config_form(module, data)
        if not (form.is_valid() and config.is_valid()):
            return self.page(module, form, config, status=422)
        is_new = module.pk is None
        try:
            modules.save_module(module, actor=self.request.actor, values=config.cleaned_data, **form.cleaned_data)
        except AppError as error:
            add_error(form, error)
            return self.page(module, form, config, status=422)
        messages.success(self.request, _("Saved. Test the connection next.") if is_new else _("Saved."))
        return redirect("module_edit", pk=module.pk)


class ModuleCreate(_ModulePage):
    """Another copy of a driver."""

    def new(self, kind, driver) -> ModuleConfig:
        """Not stored yet; 404 for a driver that is not installed."""
        known = modules.copied_kinds()
        if kind not in known or driver not in known[kind].names():
            raise Http404
        return ModuleConfig(kind=kind, driver=driver)

    def get(self, request, kind, driver):
        """Empty."""
        module = self.new(kind, driver)
        return self.page(
            module,
            ModuleForm(initial={"label": driver_label(kind, driver), "is_active": True}),
            self.config_form(module),
        )

    def post(self, request, kind, driver):
        """Store."""
        return self.save(self.new(kind, driver), request.POST)


class ModuleEdit(_ModulePage):
    """Change one."""

    model = ModuleConfig
    crumbs = [(gettext_lazy("Modules"), "module_list")]

    def module(self, pk) -> ModuleConfig:
        """The row, or 404."""
        found = ModuleConfig.objects.filter(pk=pk).first()
        if found is None or found.kind not in modules.copied_kinds():
            raise Http404
        return found

    def get(self, request, pk):
        """Filled."""
        module = self.module(pk)
        initial = {"label": module.label, "is_active": module.is_active, "is_default": module.is_default}
        return self.page(module, ModuleForm(initial=initial), self.config_form(module))

    def post(self, request, pk):
        """Store."""
        return self.save(self.module(pk), request.POST)


class ModuleTest(ModuleEdit):
    """Ask the outside system whether we may come in."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """Network: no transaction is open."""
        module = self.module(pk)
        try:
            result = modules.test_connection(module)
        except (DriverError, OutcomeUnknown) as error:
            messages.error(request, _("It did not work: %(why)s") % {"why": error.message})
        else:
            messages.success(request, self.words(result))
        return redirect("module_edit", pk=pk)

    def words(self, result) -> str:
        """What the test found, as far as the driver tells."""
        missing = getattr(result, "missing_rights", None)
        if missing:
            return _("Connected, but these rights are missing: %(rights)s") % {"rights": ", ".join(missing)}
        detail = getattr(result, "version", "") or getattr(result, "account", "")
        return _("Connected: %(detail)s") % {"detail": detail} if detail else _("Connected.")


urls = [
    path("staff/modules/", ModuleList.as_view(), name="module_list"),
    path("staff/modules/new/<slug:kind>/<slug:driver>/", ModuleCreate.as_view(), name="module_create"),
    *with_history("staff/modules/<int:pk>/", ModuleEdit, "module_edit"),
    path("staff/modules/<int:pk>/test/", ModuleTest.as_view(), name="module_test"),
]
