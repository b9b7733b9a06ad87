"""Mails about people and accounts."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

NAME = {"name": _("name of the person")}
LOGIN = NAME | {"email": _("the login")}
SAMPLE = {"name": "Lena Brandt", "email": "lena@brandt.example"}

register_notice(
    Notice(
        kind="clients.password_reset",
        label=_("Password: link to choose a new one"),
        audience="client",
        subject=_("Choose a new password for {{ company.name }}"),
        body=_(
            "# Choose a new password\n\n"
            "{{ hello }}, somebody, hopefully you, asked for a new password for the login **{{ email }}**. "
            "The link works once and for three days.\n\n"
            "[[button]]\n\n"
            "If it was not you, do nothing: your password stays as it is."
        ),
        context=LOGIN | {"link": _("where to choose the password")},
        button=(_("Choose a new password"), "link"),
        reason=_("You get this mail because somebody entered your address at {{ company.name }}."),
        sample=SAMPLE,
    )
)

register_notice(
    Notice(
        kind="clients.email_confirm",
        label=_("E-mail address: please confirm"),
        audience="client",
        subject=_("Please confirm your e-mail address"),
        body=_(
            "{{ hello }}, please confirm that **{{ email }}** is your address, so that invoices and warnings reach you.\n\n"
            "[[button]]\n\n"
            "If you have not entered this address with us, ignore this mail."
        ),
        context=LOGIN | {"link": _("where to confirm it")},
        button=(_("Confirm the address"), "link"),
        reason=_("You get this mail because somebody entered your address at {{ company.name }}."),
        sample=SAMPLE,
    )
)

register_notice(
    Notice(
        kind="clients.unknown_account",
        label=_("Password: no login has this address"),
        audience="client",
        subject=_("No login with this address"),
        body=_(
            "Hello, somebody asked for a new password for **{{ email }}**, but no login of ours has this address. "
            "Perhaps you signed up with another one: try that.\n\n"
            "If it was not you, do nothing."
        ),
        context={"email": _("the address that was typed")},
        reason=_("You get this mail because somebody entered your address at {{ company.name }}."),
        sample=SAMPLE,
    )
)

register_notice(
    Notice(
        kind="clients.security_notice",
        label=_("Security: something about a login changed"),
        audience="client",
        subject=_("{{ what }}"),
        body=_(
            "# {{ what }}\n\n"
            "{{ hello }}, this happened on the login **{{ email }}** just now.\n\n"
            "If it was you, there is nothing to do. If not, choose a new password at once and answer this mail."
        ),
        context=LOGIN | {"what": _("what happened, a sentence")},
        sample=SAMPLE | {"what": "Your password was changed"},
    )
)

register_notice(
    Notice(
        kind="clients.invitation",
        label=_("Invitation to a client account"),
        audience="client",
        subject=_("{{ invited_by }} invites you to {{ client_name }}"),
        body=_(
            "{{ hello }}, {{ invited_by }} lets you into the account of **{{ client_name }}** at {{ company.name }}. "
            "You will be able to use: {{ areas }}.\n\n"
            "[[button]]\n\n"
            "The invitation is valid until {{ expires_on }}. If you do not know {{ invited_by }}, ignore it."
        ),
        context={
            "client_name": _("name of the client account"),
            "invited_by": _("who invites"),
            "areas": _("what the person may use"),
            "expires_on": _("last day of the invitation"),
            "link": _("where to accept"),
        },
        button=(_("Accept the invitation"), "link"),
        reason=_("You get this mail because {{ invited_by }} entered your address at {{ company.name }}."),
        sample={
            "client_name": "Brandt Keramik",
            "invited_by": "Tim Holm",
            "areas": "billing, support",
            "expires_on": "21 October 2027",
        },
    )
)
