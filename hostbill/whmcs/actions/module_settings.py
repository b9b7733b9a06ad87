"""Payment gateways switched on and off by code, and panel calls that wait for somebody. Gateways are the only modules that WHMCS's
documentation and HostBill share; panels belong to servers, which have their own screens."""

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from hostbill.core import modules
from hostbill.core.models import ModuleConfig
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import instant
from hostbill.whmcs.checked import checked
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.values import OFF
from hostbill.whmcs.words import driver_of, module_words
from provisioning.models import Operation

EDIT = "core.module.edit"
GATEWAYS_ONLY = "moduleType is gateway: there are no registrars, addon or fraud modules"
FIELD_TYPES = {"BooleanField": "yesno", "ChoiceField": "dropdown", "IntegerField": "text"}
VERBS = {
    "create": "CreateAccount",
    "suspend": "SuspendAccount",
    "resume": "UnsuspendAccount",
    "terminate": "TerminateAccount",
    "change_plan": "ChangePackage",
    "set_password": "ChangePassword",
}


def _driver(call: Call) -> str:
    """The gateway that is meant, by our name."""
    if call.values.text("moduleType").lower() != "gateway":
        raise Refused(_("Invalid module type: %(words)s") % {"words": GATEWAYS_ONLY})
    name = driver_of(call.values.text("moduleName"))
    if name not in modules.kinds()["gateway"].names():
        raise Refused(_("Invalid module name"))
    return name


def _module(driver: str) -> ModuleConfig | None:
    """The configured copy, one in use first."""
    return ModuleConfig.objects.filter(kind="gateway", driver=driver).order_by("-is_active", "-is_default", "pk").first()


@action("GetModuleConfigurationParameters", "Module", needs=EDIT, required="moduleType moduleName", missing=GATEWAYS_ONLY)
def get_parameters(call: Call) -> dict:
    """What the gateway has to be told; values are not among it."""
    form = modules.driver_class("gateway", _driver(call)).Config()
    return {"parameters": [_parameter(name, field) for name, field in form.fields.items()]}


def _parameter(name: str, field) -> dict:
    kind = FIELD_TYPES.get(type(field).__name__, "text")
    if getattr(field.widget, "input_type", "") == "password":
        kind = "password"
    return {"name": name, "displayName": str(field.label or name), "fieldType": kind}


@action("ActivateModule", "Module", needs=EDIT, required="moduleType moduleName", optional="parameters", missing=GATEWAYS_ONLY)
def activate(call: Call) -> dict:
    """In use from now on; one that was never set up needs its parameters."""
    driver = _driver(call)
    module = _module(driver)
    if module and module.is_active:
        raise Refused(_("The module is already active"))
    label = str(modules.driver_class("gateway", driver).label)
    module = module or ModuleConfig(kind="gateway", driver=driver, label=label)
    modules.save_module(module, actor=call.actor, values=_configured(call, module), is_active=True)
    return {}


@action("DeactivateModule", "Module", needs=EDIT, required="moduleType moduleName", optional="newGateway",
        missing=f"newGateway moves nothing, as invoices name no gateway; {GATEWAYS_ONLY}")  # fmt: skip
def deactivate(call: Call) -> dict:
    """Not offered any more; what it took stays, and so do its settings."""
    module = _active(_driver(call))
    modules.save_module(module, actor=call.actor, values={**module.config, **(module.secrets or {})}, is_active=False, is_default=False)
    return {}


@action("UpdateModuleConfiguration", "Module", needs=EDIT, required="moduleType moduleName", optional="parameters",
        missing=GATEWAYS_ONLY)  # fmt: skip
def update(call: Call) -> dict:
    """What was sent is changed."""
    module = _active(_driver(call))
    modules.save_module(module, actor=call.actor, values=_configured(call, module))
    return {}


def _active(driver: str) -> ModuleConfig:
    module = _module(driver)
    if module is None or not module.is_active:
        raise Refused(_("The module is not active"))
    return module


def _configured(call: Call, module: ModuleConfig) -> dict:
    """Through the driver's own form; a stored secret stays when none is sent."""
    sent = call.values.pairs("parameters")
    driver, stored = modules.driver_class("gateway", module.driver), module.secrets or {}
    fields = driver.Config().fields
    sent = {name: _plain(fields.get(name), value) for name, value in sent.items()}
    form = driver.Config({**module.config, **sent}, initial=module.config)
    if unknown := sorted(set(sent) - set(form.fields)):
        raise Refused(_("Unknown parameter: %(name)s") % {"name": unknown[0]})
    for name in getattr(driver, "secret_fields", ()):
        if stored.get(name) and name in form.fields:
            form.fields[name].required = False
    return checked(form)


def _plain(field, value):
    if isinstance(value, dict):
        raise Refused(_("A parameter must be a single value"))
    return "" if isinstance(field, forms.BooleanField) and value.lower() in OFF else value


@action("GetModuleQueue", "Module", needs="provisioning.service.view", optional="relatedId serviceType moduleName moduleAction since")
def get_module_queue(call: Call) -> dict:
    """Panel calls that failed or are being tried again, the oldest first."""
    values = call.values
    later = Operation.objects.filter(service=OuterRef("service"), pk__gt=OuterRef("pk"))
    rows = Operation.objects.visible_to(call.actor).filter(verb__in=VERBS)
    rows = rows.filter(Q(state__in=["queued", "running", "unknown"]) & ~Q(error="") | Q(state="failed") & ~Exists(later))
    if values.whole("relatedId"):
        rows = rows.filter(service__subscription_id=values.whole("relatedId"))
    if values.text("serviceType").lower() not in ("", "service"):
        rows = rows.none()
    if values.text("moduleName"):
        rows = rows.filter(server__module_config__driver=driver_of(values.text("moduleName")))
    if values.text("moduleAction"):
        rows = rows.filter(verb__in=[verb for verb, name in VERBS.items() if name.lower() == values.text("moduleAction").lower()])
    if since := values.day("since"):
        rows = rows.filter(created_at__date__gte=since)
    found = [_queued(row) for row in rows.select_related("service", "server__module_config").order_by("pk")[:1000]]
    return {"count": len(found), "queue": found}


def _queued(row: Operation) -> dict:
    return {
        "id": row.pk,
        "serviceType": "service",
        "serviceId": row.service.subscription_id,
        "moduleName": module_words(row.server.module_config.driver) if row.server else "",
        "moduleAction": VERBS[row.verb],
        "lastAttempt": instant(row.failed_at or row.running_at or row.created_at),
        "lastAttemptError": row.error.partition("\n")[0],
        "numRetries": row.round,
        "completed": 0,
        "createdAt": instant(row.created_at),
        "updatedAt": instant(row.updated_at),
    }
