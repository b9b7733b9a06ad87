"""Mails about people and accounts."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

register_notice(
    Notice(
        kind="clients.password_reset",
        label=_("Password: link to choose a new one"),
        audience="client",
        subject=_("Choose a new password for {{ company.name }}"),
        body=_(
            "{{ hello }},\n\n"
            "somebody, hopefully you, asked for a new password for the login **{{ email }}**. "
            "The link works once and for three days.\n\n"
            "If it was not you, do nothing: your password stays as it is."
        ),
        context={"email": _("the login"), "link": _("where to choose the password")},
        button=(_("Choose a new password"), "link"),
    )
)

register_notice(
    Notice(
        kind="clients.email_confirm",
        label=_("E-mail address: please confirm"),
        audience="client",
        subject=_("Please confirm your e-mail address"),
        body=_(
            "{{ hello }},\n\n"
            "please confirm that **{{ email }}** is your address, so that we know our mail reaches you.\n\n"
            "If you have not entered this address with us, ignore this mail."
        ),
        context={"email": _("the address"), "link": _("where to confirm it")},
        button=(_("Confirm the address"), "link"),
    )
)

register_notice(
    Notice(
        kind="clients.unknown_account",
        label=_("Password: no login has this address"),
        audience="client",
        subject=_("No login with this address"),
        body=_(
            "{{ hello }},\n\n"
            "somebody asked for a new password for **{{ email }}**, but no login of ours has this address. "
            "Perhaps you signed up with another one.\n\n"
            "If it was not you, do nothing."
        ),
        context={"email": _("the address that was typed")},
    )
)

register_notice(
    Notice(
        kind="clients.security_notice",
        label=_("Security: something about a login changed"),
        audience="client",
        subject=_("{{ what }}"),
        body=_(
            "{{ hello }},\n\n"
            "{{ what }}: this happened on the login **{{ email }}** just now.\n\n"
            "If it was you, there is nothing to do. If not, choose a new password at once and write to us."
        ),
        context={"email": _("the login"), "what": _("what happened, a sentence")},
    )
)

register_notice(
    Notice(
        kind="clients.invitation",
        label=_("Invitation to a client account"),
        audience="client",
        subject=_("{{ invited_by }} invites you to {{ client_name }}"),
        body=_(
            "{{ hello }},\n\n"
            "{{ invited_by }} lets you into the account of **{{ client_name }}** at {{ company.name }}. "
            "You will be able to use: {{ areas }}.\n\n"
            "The invitation is valid until {{ expires_on }}."
        ),
        context={
            "client_name": _("name of the client account"),
            "invited_by": _("who invites"),
            "areas": _("what the person may use"),
            "expires_on": _("last day of the invitation"),
            "link": _("where to accept"),
        },
        button=(_("Accept the invitation"), "link"),
    )
)
