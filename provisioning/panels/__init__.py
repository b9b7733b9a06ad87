"""Drivers of hosting panels. Ours by name; other packages register through the entry point group `hostbill.panels`."""

from hostbill.core.modules import DriverKind, register_kind

REGISTRY = {
    "cpanel": "provisioning.panels.cpanel.driver.CPanel",
    "plesk": "provisioning.panels.plesk.driver.Plesk",
}

register_kind(DriverKind("panel", REGISTRY))
