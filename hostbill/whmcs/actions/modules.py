"""What is done on panels: set up, suspend, delete, password, plan. Each asks for an operation that a worker carries out within seconds."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.acceptance import BEGIN, begin_subscription
from billing.actions.cancellation import cancel_subscription
from billing.actions.suspension import resume_subscription, suspend_subscription
from billing.models import Subscription
from hostbill.core.access import require
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.checked import checked, secret
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import service_of
from hostbill.whmcs.records.service import service_row
from provisioning.actions.service import (
    change_plan,
    force_resume,
    set_password,
    start_setup,
    sync_service,
    terminate_service,
)
from provisioning.actions.wished import set_up_wished
from provisioning.forms.service import PasswordForm
from provisioning.models import Service

EDIT = "provisioning.service.edit"
NO_MODULE = "Service not assigned to a module"
LATER = "the answer says that it was asked for: a worker calls the panel within seconds"


@action("ModuleCreate", "Service", needs=EDIT, required="serviceid", missing=LATER)
@transaction.atomic
def create(call: Call) -> dict:
    """Set it up now. What waits for payment or acceptance begins by this."""
    row = service_of(call)
    if row.state == Subscription.State.PENDING:
        require(call.actor, BEGIN)
        row = begin_subscription(row, actor=call.actor)
        set_up_wished(row, actor=call.actor)
        return {}
    service = service_row(row) or set_up_wished(row, actor=call.actor)
    if service is None or service.has_account:
        raise Refused(_("There is an account already") if service else NO_MODULE)
    if service.state in ("waiting", "review"):
        start_setup(service, actor=call.actor)
    return {}


@action("ModuleSuspend", "Service", needs="billing.subscription.suspend", required="serviceid", optional="suspendreason", missing=LATER)
def suspend(call: Call) -> dict:
    """The client reads the reason."""
    reason = call.values.text("suspendreason") or _("Suspended by our staff.")
    suspend_subscription(service_of(call), kind="manual", reason=reason, actor=call.actor)
    return {}


@action("ModuleUnsuspend", "Service", needs="billing.subscription.suspend", required="serviceid", missing=LATER)
def unsuspend(call: Call) -> dict:
    """Every reason is lifted, also that it is unpaid."""
    resume_subscription(service_of(call), actor=call.actor, reason=_("By the API"))
    return {}


@action("ModuleTerminate", "Service", needs="provisioning.service.terminate", required="serviceid",
        missing=f"{LATER}; the subscription ends with the account and is not renewed")  # fmt: skip
def terminate(call: Call) -> dict:
    """For good: the account is deleted."""
    row = service_of(call)
    service = service_row(row)
    if service is None:
        require(call.actor, "billing.subscription.cancel")
        cancel_subscription(row, when="now", reason=_("By the API"), actor=call.actor)
    else:
        terminate_service(service, reason=_("By the API"), actor=call.actor)
    return {}


@action("ModuleChangePw", "Service", needs="provisioning.service.password", required="serviceid", optional="servicepassword",
        missing=f"{LATER}; servicepassword is needed, as passwords are not kept")  # fmt: skip
def change_password(call: Call) -> dict:
    """A new one."""
    service = _service(service_of(call))
    if not call.values.found.get("servicepassword"):
        raise Refused(_("Please send servicepassword: passwords of accounts are not kept here"))
    set_password(service, password=sent_password(call), actor=call.actor)
    return {}


@action("ModuleChangePackage", "Service", needs=EDIT, required="serviceid", missing=LATER)
def change_package(call: Call) -> dict:
    """The plan that the product and its options say is set on the panel (again)."""
    service = _service(service_of(call))
    change_plan(service, plan=service.wanted_plan, actor=call.actor)
    return {}


def sent_password(call: Call) -> str:
    """``servicepassword``, as long and as strong as our own screen wants it; nothing when it was not sent."""
    sent = secret(call.values, "servicepassword")
    return checked(PasswordForm({"password": sent}))["password"] if sent else ""


CUSTOM = {"sync": sync_service, "unsuspend_anyway": force_resume}


@action("ModuleCustom", "Service", needs=EDIT, required="serviceid func_name",
        missing=f"the functions are: {', '.join(CUSTOM)}; {LATER}")  # fmt: skip
def custom(call: Call) -> dict:
    """What a module can do besides."""
    service, name = _service(service_of(call)), call.values.text("func_name").lower()
    if name not in CUSTOM:
        raise Refused(_("Function not found: %(names)s") % {"names": ", ".join(CUSTOM)})
    CUSTOM[name](service, actor=call.actor)
    return {}


def _service(row: Subscription) -> Service:
    """Its technical side. Refused where there is none."""
    service = service_row(row)
    if service is None:
        raise Refused(NO_MODULE)
    return service
