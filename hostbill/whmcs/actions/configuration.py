"""Settings by WHMCS's names, and all others by our own."""

from django.conf import settings

from billing.options import ORDER_DUE_DAYS, RENEWAL_DAYS_BEFORE
from hostbill.core import options
from hostbill.core.options import Option
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.errors import Refused

PERMISSION = "core.setting.edit"
UNKNOWN = "Invalid name for configuration setting"
KNOWN = {
    "CompanyName": options.COMPANY_NAME,
    "Email": options.COMPANY_EMAIL,
    "TaxCode": options.COMPANY_TAX_ID,
    "DefaultCountry": options.COMPANY_COUNTRY,
    "SystemEmailsFromName": options.MAIL_FROM_NAME,
    "SystemEmailsFromEmail": options.MAIL_FROM_EMAIL,
    "Signature": options.MAIL_FOOTER,
    "CreateInvoiceDaysBefore": RENEWAL_DAYS_BEFORE,
    "InvoiceDueDays": ORDER_DUE_DAYS,
}
#: Told, never set.
FIXED = {"SystemURL": lambda: f"{settings.SITE_URL}/", "Domain": lambda: f"{settings.SITE_URL}/", "Charset": lambda: "utf-8"}
#: Of these nothing is told or set by this API: secrets, and what opens the API itself.
CLOSED = ("secret", "picture")
OWN = "clients.whmcs_"


def _option(name: str) -> Option:
    try:
        option = KNOWN.get(name) or options.find(name)
    except KeyError:
        raise Refused(UNKNOWN) from None
    if option.type in CLOSED or option.key.startswith(OWN):
        raise Refused(f"{name} can be seen and changed in the console only")
    return option


def _written(value) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return str(value)


@action("GetConfigurationValue", "System", needs=PERMISSION, required="setting",
        missing="Settings that have a counterpart here, and HostBill's own by their keys; no secrets")  # fmt: skip
def get_configuration_value(call: Call) -> dict:
    """One setting."""
    name = call.values.text("setting")
    value = FIXED[name]() if name in FIXED else _written(_option(name).value)
    return {"setting": name, "value": value}


@action("SetConfigurationValue", "System", needs=PERMISSION, required="setting",
        missing="Settings that have a counterpart here, and HostBill's own by their keys; no secrets")  # fmt: skip
def set_configuration_value(call: Call) -> dict:
    """Checked as on the settings' screen, and logged. ``value`` may be empty, but must be sent."""
    name = call.values.text("setting")
    if not call.values.has("value"):
        raise Refused("value is required")
    if name in FIXED:
        raise Refused(f"{name} cannot be changed")
    option = _option(name)
    before = option.value
    options.set_option(option, call.values.text("value"), call.actor)
    return {"value_changed": before != option.value}
