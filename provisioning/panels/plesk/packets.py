"""Operations as XML, with the elements in the order Plesk's schema wants (it refuses any other with 1014).

Each function returns one operator element like <webspace><add>...; the client puts one or several into a packet.
"""

import base64
import xml.etree.ElementTree as ET

SUSPENDED_BY_ADMIN = 16
ACTIVE = 0


def _tree(tag: str, content) -> ET.Element:
    """Element from nested content: a string, a list of (tag, content) pairs in order, or None for an empty element."""
    element = ET.Element(tag)
    if isinstance(content, list):
        element.extend(_tree(name, value) for name, value in content)
    elif content is not None:
        element.text = str(content)
    return element


def _operation(operator: str, name: str, content) -> ET.Element:
    return _tree(operator, [(name, content)])


def _filter(values: dict) -> list:
    """[("filter", ...)]; no values = everything."""
    return [("filter", list(values.items()))]


def customer_add(*, name: str, login: str, password: str, email: str, external_id: str, description: str) -> ET.Element:
    """A customer for one account; cname stays out: Plesk does not need it."""
    info = [
        ("pname", name), ("login", login), ("passwd", password), ("status", ACTIVE), ("email", email),
        ("external-id", external_id), ("description", description),
    ]  # fmt: skip
    return _operation("customer", "add", [("gen_info", [(tag, value) for tag, value in info if value != ""])])


def customer_get(**by) -> ET.Element:
    """Customers by login, external_id (..), or all."""
    return _operation("customer", "get", [*_filter(_hyphens(by)), ("dataset", [("gen_info", None)])])


def customer_set(customer_id: str, **values) -> ET.Element:
    """passwd or description of one customer."""
    order = ("passwd", "status", "description")
    info = [(name, values[name]) for name in order if name in values]
    return _operation("customer", "set", [*_filter({"id": customer_id}), ("values", [("gen_info", info)])])


def customer_del(customer_id: str) -> ET.Element:
    """Delete a customer (Plesk deletes its subscriptions too: be sure there are none)."""
    return _operation("customer", "del", _filter({"id": customer_id}))


def webspace_add(
    *, domain: str, owner_id: str, address: str, login: str, password: str, external_id: str, plan: str
) -> ET.Element:
    """A subscription with hosting; the plan comes last."""
    hosting = [
        ("property", [("name", "ftp_login"), ("value", login)]),
        ("property", [("name", "ftp_password"), ("value", password)]),
        ("ip_address", address),
    ]
    setup = [
        ("name", domain),
        ("owner-id", owner_id),
        ("htype", "vrt_hst"),
        ("ip_address", address),
        ("status", ACTIVE),
    ]
    if external_id:
        setup.append(("external-id", external_id))
    return _operation(
        "webspace", "add", [("gen_setup", setup), ("hosting", [("vrt_hst", hosting)]), ("plan-name", plan)]
    )


def webspace_get(*datasets: str, **by) -> ET.Element:
    """Subscriptions by name, id, owner_id, or all, with the datasets asked for."""
    wanted = [(name, None) for name in datasets or ("gen_info",)]
    return _operation("webspace", "get", [*_filter(_hyphens(by)), ("dataset", wanted)])


def webspace_status(webspace_id: str, status: int) -> ET.Element:
    """Switch one subscription on or off: by id, since a filter by owner would hit all of that owner's."""
    return _operation(
        "webspace", "set", [*_filter({"id": webspace_id}), ("values", [("gen_setup", [("status", status)])])]
    )


def webspace_password(webspace_id: str, password: str) -> ET.Element:
    """New FTP password."""
    hosting = [("vrt_hst", [("property", [("name", "ftp_password"), ("value", password)])])]
    return _operation("webspace", "set", [*_filter({"id": webspace_id}), ("values", [("hosting", hosting)])])


def webspace_del(webspace_id: str) -> ET.Element:
    """Delete a subscription."""
    return _operation("webspace", "del", _filter({"id": webspace_id}))


def switch_subscription(webspace_id: str, plan_guid: str) -> ET.Element:
    """Move to another plan: the only way Plesk has."""
    return _operation("webspace", "switch-subscription", [*_filter({"id": webspace_id}), ("plan-guid", plan_guid)])


def plan_get(**by) -> ET.Element:
    """Service plans by name, or all."""
    return _operation("service-plan", "get", _filter(by))


def ip_get() -> ET.Element:
    """Addresses of the server."""
    return _operation("ip", "get", None)


def server_get(*nodes: str) -> ET.Element:
    """Facts about the server."""
    return _operation("server", "get", [(name, None) for name in nodes])


def create_session(login: str, client_ip: str) -> ET.Element:
    """A login session, good only from the browser's own address."""
    address = base64.b64encode(client_ip.encode()).decode()
    return _operation(
        "server", "create_session", [("login", login), ("data", [("user_ip", address), ("source_server", None)])]
    )


def _hyphens(values: dict) -> dict:
    return {name.replace("_", "-"): value for name, value in values.items()}


def packet(operators: list[ET.Element], version: str) -> bytes:
    """The document to send."""
    root = ET.Element("packet", version=version)
    root.extend(operators)
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True)
