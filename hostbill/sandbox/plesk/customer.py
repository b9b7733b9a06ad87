"""customer packets: add, get, set, del."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from hostbill.sandbox.plesk import objects, xml
from hostbill.sandbox.plesk.filters import each

FILTERS = {"id": "id", "login": "login", "guid": "guid", "external-id": "external-id"}
SHOWN = "cname pname login status phone fax email address city state pcode country locale guid external-id description".split()


def add(app, operation: ET.Element) -> list[ET.Element]:
    """customer add."""
    info = {child.tag: (child.text or "").strip() for child in operation.findall("gen_info/*")}
    customer = objects.add_customer(app, info)
    return [xml.ok(id=customer["id"], guid=customer["guid"])]


def get(app, operation: ET.Element) -> list[ET.Element]:
    """customer get."""

    def show(customer: dict) -> ET.Element:
        data = ET.Element("data")
        if "gen_info" in xml.wanted(operation):
            created = datetime.fromtimestamp(customer["created"], UTC).strftime("%Y-%m-%d")
            info = xml.add(ET.SubElement(data, "gen_info"), {"cr_date": created})
            xml.add(info, {name: customer.get(name, "") for name in SHOWN})
        if "stat" in xml.wanted(operation):
            owned = sum(row["owner-id"] == customer["id"] for row in app.state["webspaces"].values())
            xml.add(ET.SubElement(data, "stat"), {"active_domains": owned, "disk_space": 0, "traffic": 0})
        result = xml.ok(id=customer["id"])
        result.append(data)
        return result

    return each(app.state["customers"], operation, FILTERS, show)


def set_(app, operation: ET.Element) -> list[ET.Element]:
    """customer set."""
    info = {child.tag: (child.text or "").strip() for child in operation.findall("values/gen_info/*")}

    def change(customer: dict) -> ET.Element:
        objects.set_customer(app, customer, info)
        return xml.ok(id=customer["id"])

    return each(app.state["customers"], operation, FILTERS, change)


def delete(app, operation: ET.Element) -> list[ET.Element]:
    """customer del."""

    def remove(customer: dict) -> ET.Element:
        objects.del_customer(app, customer)
        return xml.ok(id=customer["id"])

    return each(app.state["customers"], operation, FILTERS, remove)


OPERATIONS = {"add": add, "get": get, "set": set_, "del": delete}
