"""Mails about services: ready, back, gone, and what staff must look at."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

SERVICE = {
    "client_name": _("name of the client"),
    "domain": _("the domain"),
    "plan": _("the plan"),
    "username": _("user name at the panel"),
    "password": _("password, empty unless it may be mailed"),
    "server": _("host name of the server"),
    "nameservers": _("name servers for the domain"),
    "ip_address": _("address of the server"),
    "service_url": _("link to the service in the client area"),
    "details": _("block: domain, user name, name servers"),
}
SAMPLE = {
    "client_name": "Brandt Keramik",
    "domain": "brandt.example",
    "plan": "Grow",
    "username": "brandt7x",
    "password": "",
    "server": "web1.nordhost.example",
    "nameservers": "ns1.nordhost.example, ns2.nordhost.example",
    "ip_address": "203.0.113.24",
}
OPERATION = {
    "client_name": _("name of the client"),
    "domain": _("the domain"),
    "verb": _("what was to be done"),
    "server": _("name of the server"),
    "error": _("what the panel said"),
    "url": _("link to the service in the console"),
}


def _for_client(kind, label, subject, body, **more) -> None:
    more = {"audience": "client", "area": "services", "context": SERVICE, "sample": SAMPLE} | more
    register_notice(Notice(kind=kind, label=label, subject=subject, body=body, **more))


def _for_staff(kind, label, subject, body, context, sample) -> None:
    register_notice(
        Notice(
            kind=kind,
            label=label,
            audience="staff",
            subject=subject,
            body=body,
            context=context,
            button=(_("Open the service"), "url"),
            sample=sample,
        )
    )


_for_client(
    "provisioning.service_ready",
    _("Welcome: the service is online"),
    _("{{ domain }} is online"),
    _(
        "# {{ domain }} is online\n\n"
        "{{ hello }}, your hosting is set up and you can begin right away: upload a site, create mailboxes, install an application.\n\n"
        "[[button]]\n\n[[details]]\n\n"
        "{% if nameservers != '' %}If the domain is registered elsewhere, enter these name servers there; "
        "the change is known everywhere within a day. {% endif %}"
        "Moving from another host? Answer this mail and we help you move."
    ),
    button=(_("Open {{ domain }}"), "service_url"),
    note=_("From there one click takes you into the control panel; no other password is needed."),
)
_for_client(
    "provisioning.service_resumed",
    _("The service is back"),
    _("{{ domain }} is back online"),
    _(
        "# {{ domain }} is back online\n\n"
        "{{ hello }}, everything is as it was: site, databases and mailboxes. Thank you.\n\n[[button]]"
    ),
    button=(_("Open {{ domain }}"), "service_url"),
)
_for_client(
    "provisioning.service_suspended",
    _("The service was suspended by staff"),
    _("{{ domain }} is suspended"),
    _(
        "# {{ domain }} is suspended\n\n"
        "{{ hello }}, we had to take {{ domain }} offline. {% if why != '' %}The reason: {{ why }}{% endif %}\n\n"
        "Your data is safe. Answer this mail and we look for a way together.\n\n[[button]]"
    ),
    context=SERVICE | {"why": _("the reason")},
    button=(_("See the details"), "service_url"),
    sample=SAMPLE | {"why": "A script on the site sends unwanted mail."},
)
_for_client(
    "provisioning.service_terminated",
    _("The account was deleted"),
    _("{{ domain }} was deleted from our servers"),
    _(
        "# {{ domain }} was deleted\n\n"
        "{{ hello }}, the account {{ username }} with its files, databases and mailboxes is gone from our servers, as announced. "
        "If the domain still points to us, please point it elsewhere."
    ),
)
_for_client(
    "provisioning.password_changed",
    _("The panel password was changed"),
    _("The panel password of {{ domain }} was changed"),
    _(
        "# A new password for {{ domain }}\n\n"
        "{{ hello }}, the password of the panel account {{ username }} was changed just now. "
        "If it was you, there is nothing to do. If not, set a new one at once and tell us.\n\n[[button]]"
    ),
    button=(_("Open {{ domain }}"), "service_url"),
)
_for_staff(
    "provisioning.operation_failed",
    _("A panel operation failed"),
    _("{{ verb }} failed: {{ domain }} on {{ server }}"),
    _(
        "{{ verb }} of **{{ domain }}** ({{ client_name }}) on {{ server }} failed and is not tried again by itself.\n\n"
        "The panel says: {{ error }}\n\n[[button]]\n\nThere you see the whole exchange and can retry, or mark it done."
    ),
    OPERATION,
    {
        "client_name": "Brandt Keramik",
        "domain": "brandt.example",
        "verb": "Set up",
        "server": "web1",
        "error": "Sorry, a group for that user name already exists.",
    },
)
_for_staff(
    "provisioning.service_needs_person",
    _("A service needs a person"),
    _("{{ domain }} needs a decision"),
    _("**{{ domain }}** of {{ client_name }}: {{ error }}\n\n[[button]]"),
    OPERATION,
    {
        "client_name": "Brandt Keramik",
        "domain": "brandt.example",
        "verb": "",
        "server": "",
        "error": "no server of the group “Shared” has room.",
    },
)
