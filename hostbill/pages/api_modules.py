"""Modules by API: configured drivers with what is no secret of them."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core import modules
from hostbill.core.api.fields import Fact
from hostbill.core.api.nouns import Noun
from hostbill.core.crud import Choice, Column, StaffEditView, StaffListView, StaffVerbView
from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.models import ModuleConfig
from hostbill.pages.modules import PERMISSION, ModuleForm, state_of


class ModuleRows(StaffListView):
    """All copies of all drivers."""

    model, permission, title, sort = ModuleConfig, PERMISSION, _("Modules"), "-pk"
    columns = [Column("label", _("Name"), sort="label")]
    filters = [Choice("kind", _("Kind"), [(kind, kind) for kind in ("gateway", "panel")])]

    def get_queryset(self):
        """All; the permission guards them."""
        return ModuleConfig.objects.filter(kind__in=modules.copied_kinds())


class ModuleBody(ModuleForm):
    """Name, switches, and what the driver asks: its secrets too, which are never told; one that is not sent stays."""

    config = forms.JSONField(label=_("Configuration"), required=False, help_text=_("What the driver asks, by name."))

    def __init__(self, data=None, files=None, *, module=None, **kwargs):
        super().__init__(data, files, **kwargs)
        self.module = module

    def driven(self) -> ModuleConfig | None:
        """The row that is configured, perhaps not stored yet."""
        return self.module

    def clean(self):
        """By the driver's own form."""
        data, module = super().clean(), self.driven()
        if module is None:
            return data
        sent = data.get("config") or {}
        if not isinstance(sent, dict):
            self.add_error("config", _now("Send an object."))
            return data
        data["values"] = self._values(module, sent)
        return data

    def _values(self, module, sent: dict) -> dict:
        driver = modules.driver_class(module.kind, module.driver)
        form = driver.Config(initial=module.config)
        stored = {name for name in getattr(driver, "secret_fields", ()) if (module.secrets or {}).get(name)}
        for name in sent.keys() - form.fields.keys():
            self.wrong(name, [_now("There is no such field. There are: %(known)s.") % {"known": ", ".join(form.fields)}])
        values = {name: sent.get(name, "" if name in stored else form[name].value()) for name in form.fields}
        bound = driver.Config({name: value for name, value in values.items() if value is not None}, initial=module.config)
        for name in stored:
            bound.fields[name].required = False
        for name, texts in bound.errors.items():
            self.wrong(name, texts)
        return bound.cleaned_data

    def wrong(self, name: str, texts) -> None:
        """Beside the driver's field."""
        self._errors.setdefault(f"config.{name}"[:200], self.error_class()).extend(texts)


class NewModuleBody(ModuleBody):
    """Which driver, too."""

    kind = forms.CharField(label=_("Kind"), max_length=40)
    driver = forms.CharField(label=_("Driver"), max_length=40)
    field_order = ("kind", "driver")

    def driven(self):
        """Of a driver that is installed."""
        kind, driver = self.cleaned_data.get("kind"), self.cleaned_data.get("driver")
        known = {name: found.names() for name, found in modules.copied_kinds().items()}
        if kind not in known or driver not in known[kind]:
            words = _now("There are: %(known)s.") % {"known": ", ".join(f"{name}/{one}" for name, found in known.items() for one in found)}
            self.add_error("driver", words)
            return None
        self.module = ModuleConfig(kind=kind, driver=driver)
        return self.module

    def clean(self):
        """With the row that is to be made."""
        data = super().clean()
        return data | {"module": self.module}


class ModuleByApi(StaffEditView):
    """Configure another copy, or change one."""

    model, permission = ModuleConfig, PERMISSION

    def get_queryset(self):
        """As the list."""
        return ModuleConfig.objects.filter(kind__in=modules.copied_kinds())

    @property
    def form_class(self):
        """Which driver is asked once."""
        return ModuleBody if "pk" in self.kwargs else NewModuleBody

    def form_options(self):
        """The row that is changed."""
        return {"module": self.current()}

    def get_initial(self):
        """As it is."""
        row = self.current()
        return {"label": row.label, "is_active": row.is_active, "is_default": row.is_default} if row else {}

    def act(self, values):
        """Store it."""
        module = values.get("module") or self.obj
        fields = {name: values[name] for name in ("label", "is_active", "is_default")}
        return modules.save_module(module, actor=self.request.actor, values=values["values"], **fields)


class ModuleEditByApi(ModuleByApi):
    """Change one."""

    form_class = ModuleBody


class ModuleCreateByApi(ModuleByApi):
    """Another copy."""

    form_class = NewModuleBody


class ModuleTestByApi(StaffVerbView):
    """Ask the outside system whether we may come in."""

    model, permission, title = ModuleConfig, PERMISSION, _("Test the connection")
    outside = True
    api_result = {"type": "object", "properties": {"ok": {"type": "boolean"}, "detail": {"type": "string"}}, "required": ["ok", "detail"]}
    get_queryset = ModuleByApi.get_queryset

    def act(self, values):
        """Network: no transaction is open. A refusal by the other side is an answer too."""
        try:
            found = modules.test_connection(self.obj)
        except (DriverError, OutcomeUnknown) as error:
            return {"ok": False, "detail": str(error.message)}
        missing = getattr(found, "missing_rights", None) or ()
        detail = ", ".join(missing) or getattr(found, "version", "") or getattr(found, "account", "")
        return {"ok": not missing, "detail": str(detail)}


def words_of(module) -> str:
    """How the last test went."""
    return ", ".join(str(part) for part in state_of(module)[1:])


NOUN = Noun(
    "modules",
    "module",
    also=("kind", "driver", "is_active", "is_default", "config", "tested_at", "test_error",
          Fact("state_words", nullable=False, get=words_of)),
    list_view=ModuleRows,
    create_view=ModuleCreateByApi,
    edit_view=ModuleEditByApi,
    acts={"test": ModuleTestByApi},
)  # fmt: skip
