"""The order elements must come in. A wrong or unknown element is error 1014 for the whole packet, as with the real XSD.

A list is a sequence; each step is one name or a tuple of names allowed at that step, in any order and number. A dict adds the
order inside children. Elements without an entry are not looked into.
"""

import xml.etree.ElementTree as ET

from hostbill.sandbox.plesk.errors import SCHEMA, SystemError_

CUSTOMER_INFO = (
    "cname pname login passwd status phone fax email address city state pcode country locale owner-id owner-login "
    "external-id description password-type"
).split()
_OWNER = ("owner-id", "owner-login", "owner-guid", "owner-external-id")
GEN_SETUP = [
    "name",
    _OWNER,
    ("htype", "status", "ip_address"),
    ("external-id", "description", "admin-description", "guid"),
]
_PLAN = ("plan-id", "plan-name", "plan-guid", "plan-external-id", "no-plan", "php-settings", "mail")
_SETTINGS = ["limits", "prefs", "performance", "permissions"]
PROPERTY = ["name", "value"]

ORDER: dict[str, list] = {
    "customer/add": ["gen_info"],
    "customer/add/gen_info": CUSTOMER_INFO,
    "customer/get": ["filter", "dataset"],
    "customer/set": ["filter", "values"],
    "customer/set/values": ["gen_info"],
    "customer/set/values/gen_info": CUSTOMER_INFO,
    "customer/del": ["filter"],
    "webspace/add": ["gen_setup", "hosting", *_SETTINGS, _PLAN],
    "webspace/add/gen_setup": GEN_SETUP,
    "webspace/add/hosting": [("vrt_hst", "std_fwd", "frm_fwd", "none")],
    "webspace/add/hosting/vrt_hst": ["property", "ip_address"],
    "webspace/add/hosting/vrt_hst/property": PROPERTY,
    "webspace/get": ["filter", "dataset"],
    "webspace/set": ["filter", "values"],
    "webspace/set/values": ["gen_setup", "hosting", *_SETTINGS, ("php-settings", "mail")],
    "webspace/set/values/gen_setup": ["name", _OWNER, ("status", "ip_address"), ("external-id", "description", "admin-description")],
    "webspace/set/values/hosting/vrt_hst": ["property", "ip_address"],
    "webspace/set/values/hosting/vrt_hst/property": PROPERTY,
    "webspace/del": ["filter"],
    "webspace/switch-subscription": ["filter", ("plan-guid", "plan-external-id", "no-plan")],
    "webspace/get_traffic": ["filter", "since_date", "to_date"],
    "service-plan/get": ["filter", ("owner-id", "owner-login", "owner-all")],
    "service-plan/add": ["name", ("owner-id", "owner-login"), "mail", "limits", "log-rotation", "preferences", "hosting",
                         "performance", "permissions", "external-id"],
    "service-plan/del": ["filter", ("owner-id", "owner-login")],
    "server/create_session": ["login", "data"],
    "server/create_session/data": ["user_ip", "source_server", "back_url", "success_redirect_url", "starting_url"],
    "session/terminate": ["session-id"],
    "secret_key/create": ["ip_address", "description", "login"],
    "secret_key/get_info": ["filter"],
    "secret_key/delete": ["filter"],
}  # fmt: skip


def check(element: ET.Element, path: str) -> None:
    """Check the element's children, and theirs, against ORDER. Raises SystemError_ 1014."""
    order = ORDER.get(path)
    if order is not None:
        _check_sequence(element, order)
    for child in element:
        check(child, f"{path}/{child.tag}")


def _check_sequence(element: ET.Element, order: list) -> None:
    step = 0
    for child in element:
        found = next((index for index in range(step, len(order)) if child.tag in _names(order[index])), None)
        if found is None:
            expected = ", ".join(name for entry in order[step:] for name in _names(entry))
            raise SystemError_(
                SCHEMA,
                f"Parser error: cvc-complex-type: element '{child.tag}': this element is not expected here. "
                f"Expected is one of ({expected}).",
            )
        step = found


def _names(step) -> tuple[str, ...]:
    return (step,) if isinstance(step, str) else step
