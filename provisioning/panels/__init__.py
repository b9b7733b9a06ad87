"""Drivers of hosting panels. Ours by name; other packages register through the entry point group `hostbill.panels`."""

REGISTRY = {
    "cpanel": "provisioning.panels.cpanel.driver.CPanel",
    "plesk": "provisioning.panels.plesk.driver.Plesk",
}
