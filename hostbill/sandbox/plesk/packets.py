"""A packet: schema check, then each operation in order, one answer document."""

import xml.etree.ElementTree as ET

from hostbill.sandbox import safe_xml
from hostbill.sandbox.plesk import customer, errors, schema, server_packets, webspace, xml
from hostbill.sandbox.plesk.errors import PleskError, SystemError_

VERSION = "1.6.9.1"
OPERATORS = {
    "customer": customer.OPERATIONS,
    "webspace": webspace.OPERATIONS,
    "service-plan": server_packets.PLANS,
    "ip": server_packets.IPS,
    "server": server_packets.SERVER,
    "session": server_packets.SESSIONS,
    "secret_key": server_packets.KEYS,
    "php-handler": server_packets.PHP_HANDLERS,
}


def parse(document: bytes) -> ET.Element:
    """The packet element. Raises SystemError_ 1014 when it is none, 1005 for an unknown protocol version."""
    try:
        packet = safe_xml.parse(document)
    except safe_xml.BadXml as error:
        raise SystemError_(errors.SCHEMA, f"Parser error: {error}") from error
    if packet.tag != "packet":
        raise SystemError_(errors.SCHEMA, "Parser error: the root element must be packet.")
    version = packet.get("version", VERSION)
    if not any(f"{known}.".startswith(f"{version}.") for known in server_packets.PROTOCOLS):
        raise SystemError_(errors.PROTOCOL, f"Protocol version {version} is not supported.")
    return packet


def names(packet: ET.Element) -> list[str]:
    """Operations in the packet as "webspace.add"."""
    return [f"{operator.tag}.{operation.tag}" for operator in packet for operation in operator]


def answer(app, packet: ET.Element) -> ET.Element:
    """Run all operations. The whole packet is checked first, so nothing is done when any part is malformed."""
    for operator in packet:
        known = OPERATORS.get(operator.tag)
        if known is None:
            raise SystemError_(errors.SCHEMA, f"Parser error: element '{operator.tag}' is not expected here.")
        for operation in operator:
            if operation.tag not in known:
                raise SystemError_(errors.SCHEMA, f"Parser error: element '{operation.tag}' is not expected here.")
            schema.check(operation, f"{operator.tag}/{operation.tag}")
    reply = ET.Element("packet", version=packet.get("version", VERSION))
    for operator in packet:
        block = ET.SubElement(reply, operator.tag)
        for operation in operator:
            ET.SubElement(block, operation.tag).extend(_run(app, OPERATORS[operator.tag][operation.tag], operation))
    return reply


def _run(app, work, operation: ET.Element) -> list[ET.Element]:
    try:
        return work(app, operation)
    except SystemError_:
        raise
    except PleskError as refused:
        return [xml.error(refused.code, refused.text)]


def system_error(error: PleskError) -> ET.Element:
    """The answer when the whole packet is refused."""
    reply = ET.Element("packet", version=VERSION)
    xml.add(ET.SubElement(reply, "system"), {"status": "error", "errcode": error.code, "errtext": error.text})
    return reply


def outcome(reply: ET.Element) -> str:
    """For the log of calls: "ok" or the first error."""
    code = next((element.text for element in reply.iter("errcode")), None)
    return "ok" if code is None else f"refused: {code} {next(reply.iter('errtext')).text}"


def to_bytes(reply: ET.Element) -> bytes:
    """The document on the wire."""
    return ET.tostring(reply, encoding="UTF-8", xml_declaration=True)
