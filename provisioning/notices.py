"""Mails about services and servers."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

SERVICE = {
    "domain": _("the domain"),
    "product": _("the product's name"),
    "username": _("user name on the server"),
    "password": _("password; only when the option for it is on"),
    "panel": _("what the panel is called"),
    "panel_url": _("address of the panel"),
    "webmail_url": _("address of webmail"),
    "nameservers": _("name servers, separated by commas"),
    "server": _("host name of the server"),
    "service_url": _("the service in the client area"),
    "details": _("block: domain, user name, addresses"),
}
MOVED = {name: words for name, words in SERVICE.items() if name != "password"} | {
    "ip_address": _("the new IP address"),
    "old_ip_address": _("the IP address before"),
    "new_nameservers": _("true when the name servers are others than before"),
}
OPERATION = {
    "service": _("the service"),
    "client_name": _("the client"),
    "verb": _("what was to be done"),
    "server": _("the server"),
    "cause": _("what the panel said"),
    "attention": _("what it means"),
    "service_url": _("the service in the console"),
}
SERVER = {
    "server": _("the server"),
    "host": _("its host name"),
    "cause": _("what it said"),
    "waiting": _("number of waiting operations"),
    "server_url": _("the server in the console"),
}
GROUP = {
    "group": _("the server group"),
    "waiting": _("number of waiting services"),
    "server_url": _("the servers in the console"),
}
SAMPLE = {
    "domain": "atelier.example",
    "product": "Grow hosting",
    "username": "atelier",
    "password": "",
    "panel": "cPanel",
    "panel_url": "https://fra-cp-03.example:2083/",
    "webmail_url": "https://webmail.atelier.example/",
    "nameservers": "ns1.host.example, ns2.host.example",
    "ip_address": "203.0.113.24",
    "old_ip_address": "203.0.113.11",
    "new_nameservers": True,
    "server": "fra-cp-03",
    "host": "fra-cp-03.example",
    "service": "atelier.example",
    "client_name": "Brandt Keramik",
    "verb": "Create",
    "cause": "The domain is in use by another account.",
    "attention": "Another account on the server has this domain. Remove it there or choose another domain, then try again.",
    "waiting": 3,
    "group": "Frankfurt",
}


def _notice(kind, label, subject, body, context, button, *, audience="staff", **more) -> None:
    """Declare one; its sample is what its placeholders say in the shared one."""
    sample = {name: value for name, value in SAMPLE.items() if name in context}
    register_notice(
        Notice(f"provisioning.{kind}", label, audience, subject, body, context, button, sample=sample, **more)
    )


_notice(
    "welcome",
    _("Service: it is online"),
    _("{{ domain }} is online"),
    _(
        "# {{ domain }} is online\n\n"
        "{{ hello }}, {{ product }} is set up. Open your control panel from your account: no second password is needed. "
        "There you can also choose a password for logging in directly and for FTP.\n\n"
        "[[button]]\n\n"
        "[[details]]\n\n"
        "{% if nameservers != '' %}If the domain is registered elsewhere, set its name servers to the ones above; "
        "most visitors reach the site within an hour, all within a day.{% endif %}"
    ),
    SERVICE,
    (_("Open my service"), "service_url"),
    audience="client",
    area="services",
    note=_("Keep this mail: it names your server and user."),
)
_notice(
    "moved",
    _("Service: it is on another server"),
    _("{{ domain }} has moved to another server"),
    _(
        "# {{ domain }} has moved\n\n"
        "{{ hello }}, we moved {{ product }} with all its files, databases and mailboxes to another server. Your user name "
        "and password stay the same.\n\n"
        "{% if new_nameservers %}If the domain is registered elsewhere, set its name servers to the ones below. "
        "{% elsif ip_address != '' %}If you keep the domain's records yourself, let them point to {{ ip_address }} "
        "{% if old_ip_address != '' %}instead of {{ old_ip_address }}{% endif %}. {% endif %}"
        "Programs that use the server's own name (FTP, mail) need the new one.\n\n"
        "[[button]]\n\n"
        "[[details]]"
    ),
    MOVED,
    (_("Open my service"), "service_url"),
    audience="client",
    area="services",
    note=_("Sent when staff moved an account and its addresses changed."),
)
_notice(
    "operation_failed",
    _("Staff: an operation failed"),
    _("{{ verb }} failed: {{ service }}"),
    _(
        "**{{ verb }}** of {{ service }} ({{ client_name }}) on {{ server }} failed, and trying again will not help "
        "by itself.\n\n{{ attention }}"
    ),
    OPERATION,
    (_("Look and mend"), "service_url"),
)
_notice(
    "operation_in_doubt",
    _("Staff: outcome unknown for long"),
    _("Unclear: {{ verb }} of {{ service }}"),
    _(
        "The answer of {{ server }} to **{{ verb }}** of {{ service }} ({{ client_name }}) was lost, and it could not be "
        "found out since whether it was done. HostBill goes on looking and sends nothing twice.\n\n{{ cause }}"
    ),
    OPERATION,
    (_("Look and mend"), "service_url"),
)
_notice(
    "server_alert",
    _("Staff: a server needs a person"),
    _("{{ server }} refuses our login"),
    _(
        "**{{ server }}** ({{ host }}) refused our credentials, so HostBill makes no further call to it: each one could "
        "lock us out for longer. Waiting operations: {{ waiting }}. They go on as soon as the connection test works.\n\n"
        "{{ cause }}"
    ),
    SERVER,
    (_("Mend the connection"), "server_url"),
)
_notice(
    "all_servers_full",
    _("Staff: no room on any server of a group"),
    _("All servers of {{ group }} are full"),
    _(
        "Somebody ordered, and no server of **{{ group }}** has room. Waiting services: {{ waiting }}. They are set up "
        "by themselves when an account is removed, a limit is raised or a server is added."
    ),
    GROUP,
    (_("See the servers"), "server_url"),
)
