"""Mails about services and servers."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

register_notice(
    Notice(
        kind="provisioning.welcome",
        label=_("Service: it is online"),
        audience="client",
        area="services",
        subject=_("{{ domain }} is online"),
        body=_(
            "{{ hello }},\n\n"
            "**{{ domain }}** ({{ product }}) is set up and online. Open your control panel from your account: no second "
            "password is needed. There you can also choose a password for logging in directly and for FTP.\n\n"
            "[[button]]\n\n"
            "[[details]]\n\n"
            "{% if nameservers != '' %}If the domain is registered elsewhere, set its name servers to the ones above; "
            "most visitors reach the site within an hour, all within a day.{% endif %}"
        ),
        context={
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
        },
        button=(_("Open my service"), "service_url"),
        note=_("Keep this mail: it names your server and user."),
    )
)

_OPERATION = {
    "service": _("the service"),
    "client_name": _("the client"),
    "verb": _("what was to be done"),
    "server": _("the server"),
    "cause": _("what the panel said"),
    "attention": _("what it means"),
    "service_url": _("the service in the console"),
}

register_notice(
    Notice(
        kind="provisioning.operation_failed",
        label=_("Staff: an operation failed"),
        audience="staff",
        subject=_("{{ verb }} failed: {{ service }}"),
        body=_(
            "**{{ verb }}** of {{ service }} ({{ client_name }}) on {{ server }} failed, and trying again will not help "
            "by itself.\n\n{{ attention }}"
        ),
        context=_OPERATION,
        button=(_("Look at it"), "service_url"),
    )
)

register_notice(
    Notice(
        kind="provisioning.operation_in_doubt",
        label=_("Staff: outcome unknown for long"),
        audience="staff",
        subject=_("Unclear: {{ verb }} of {{ service }}"),
        body=_(
            "The answer of {{ server }} to **{{ verb }}** of {{ service }} ({{ client_name }}) was lost, and it could not be "
            "found out since whether it was done. HostBill goes on looking and sends nothing twice.\n\n{{ cause }}"
        ),
        context=_OPERATION,
        button=(_("Look at it"), "service_url"),
    )
)

register_notice(
    Notice(
        kind="provisioning.server_alert",
        label=_("Staff: a server needs a person"),
        audience="staff",
        subject=_("{{ server }} refuses our login"),
        body=_(
            "**{{ server }}** ({{ host }}) refused our credentials, so HostBill makes no further call to it: each one could "
            "lock us out for longer. Waiting operations: {{ waiting }}. They go on as soon as the connection test works.\n\n"
            "{{ cause }}"
        ),
        context={
            "server": _("the server"),
            "host": _("its host name"),
            "cause": _("what it said"),
            "waiting": _("number of waiting operations"),
            "server_url": _("the server in the console"),
        },
        button=(_("Mend the connection"), "server_url"),
    )
)

register_notice(
    Notice(
        kind="provisioning.all_servers_full",
        label=_("Staff: no room on any server of a group"),
        audience="staff",
        subject=_("All servers of {{ group }} are full"),
        body=_(
            "Somebody ordered, and no server of **{{ group }}** has room. Waiting services: {{ waiting }}. They are set up "
            "by themselves when an account is removed, a limit is raised or a server is added."
        ),
        context={
            "group": _("the server group"),
            "waiting": _("number of waiting services"),
            "server_url": _("the servers in the console"),
        },
        button=(_("See the servers"), "server_url"),
    )
)
