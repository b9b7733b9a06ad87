"""Mails about people and accounts."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

LOGIN = {"name": _("name of the person"), "email": _("the login")}
SAMPLE = {"name": "Lena Brandt", "email": "lena@brandt.example"}
TYPED = _("You get this mail because somebody entered your address at {{ company.name }}.")


def _notice(kind, label, subject, body, context, button, *, sample=SAMPLE, audience="client", **more) -> None:
    """Declare one to a person, whatever account they belong to."""
    register_notice(
        Notice(
            f"clients.{kind}",
            label,
            audience,
            subject,
            body,
            context,
            button,
            sample=sample,
            **{"reason": TYPED} | more,
        )
    )


_notice(
    "password_reset",
    _("Password: link to choose a new one"),
    _("Choose a new password for {{ company.name }}"),
    _(
        "# Choose a new password\n\n"
        "{{ hello }}, somebody, hopefully you, asked for a new password for the login **{{ email }}**. "
        "The link works once and for three days.\n\n"
        "[[button]]\n\n"
        "If it was not you, do nothing: your password stays as it is."
    ),
    LOGIN | {"link": _("where to choose the password")},
    (_("Choose a new password"), "link"),
)
_notice(
    "login_made",
    _("Login: somebody made one for this person"),
    _("Your login at {{ company.name }}"),
    _(
        "# Your login at {{ company.name }}\n\n"
        "{{ hello }}, a login with the address **{{ email }}** and a password was made for you just now.\n\n"
        "If you do not know this password, or somebody else may know it, choose one of your own. The link works once and for "
        "three days.\n\n"
        "[[button]]"
    ),
    LOGIN | {"link": _("where to choose the password")},
    (_("Choose my own password"), "link"),
    reason=_("You get this mail because a login with your address was made at {{ company.name }}."),
)
_notice(
    "email_confirm",
    _("E-mail address: please confirm"),
    _("Please confirm your e-mail address"),
    _(
        "{{ hello }}, please confirm that **{{ email }}** is your address, so that invoices and warnings reach you.\n\n"
        "[[button]]\n\n"
        "If you have not entered this address with us, ignore this mail."
    ),
    LOGIN | {"link": _("where to confirm it")},
    (_("Confirm the address"), "link"),
)
_notice(
    "unknown_account",
    _("Password: no login has this address"),
    _("No login with this address"),
    _(
        "Hello, somebody asked for a new password for **{{ email }}**, but no login of ours has this address. "
        "Perhaps you signed up with another one: try that.\n\n"
        "[[button]]\n\n"
        "If it was not you, do nothing."
    ),
    {"email": _("the address that was typed"), "link": _("where to try another address")},
    (_("Try another address"), "link"),
)
_notice(
    "security_notice",
    _("Security: something about a login changed"),
    _("{{ what }}"),
    _(
        "# {{ what }}\n\n"
        "{{ hello }}, this happened on the login **{{ email }}** just now. If it was you, there is nothing to do.\n\n"
        "If not, choose a new password at once: that ends every other session. Then answer this mail.\n\n"
        "[[button]]"
    ),
    LOGIN | {"what": _("what happened, a sentence"), "link": _("where to choose a new password")},
    (_("It was not me: new password"), "link"),
    reason=_("You get this mail because of your login at {{ company.name }}. Such warnings cannot be switched off."),
    sample=SAMPLE | {"what": "Your password was changed"},
)
_notice(
    "api_token_made",
    _("Security: an API token was made"),
    _("A new API token: {{ label }}"),
    _(
        "# A new API token: {{ label }}\n\n"
        "{{ hello }}, a token with this name was made on the login **{{ email }}** just now. A program that has it acts in your "
        "name{% if expires_on != '' %}, up to and including {{ expires_on }}{% endif %}. If it was you, there is nothing to do.\n\n"
        "If not, revoke it at once and choose a new password.\n\n"
        "[[button]]"
    ),
    LOGIN
    | {
        "label": _("what the token is for"),
        "expires_on": _("its last day; empty when it has none"),
        "link": _("where to revoke it"),
    },
    (_("See and revoke my tokens"), "link"),
    reason=_("You get this mail because of your login at {{ company.name }}. Such warnings cannot be switched off."),
    sample=SAMPLE | {"label": "Back-up script", "expires_on": "21 October 2028"},
)
_notice(
    "api_credential_made",
    _("Security: credentials of the WHMCS API were made"),
    _("New API credentials: {{ label }}"),
    _(
        "# New API credentials: {{ label }}\n\n"
        "{{ hello }}, credentials of the WHMCS API with this name were made on the login **{{ email }}** just now. A program that "
        "has them acts in your name. If it was you, there is nothing to do.\n\n"
        "If not, revoke them at once and choose a new password.\n\n"
        "[[button]]"
    ),
    LOGIN | {"label": _("what the credentials are for"), "link": _("where to revoke them")},
    (_("See and revoke my credentials"), "link"),
    reason=_("You get this mail because of your login at {{ company.name }}. Such warnings cannot be switched off."),
    sample=SAMPLE | {"label": "Order form"},
)
_notice(
    "invitation",
    _("Invitation to a client account"),
    _("{{ invited_by }} invites you to {{ client_name }}"),
    _(
        "{{ hello }}, {{ invited_by }} lets you into the account of **{{ client_name }}** at {{ company.name }}. "
        "You will be able to use: {{ areas }}.\n\n"
        "[[button]]\n\n"
        "The invitation is valid until {{ expires_on }}. If you do not know {{ invited_by }}, ignore it."
    ),
    {
        "client_name": _("name of the client account"),
        "invited_by": _("who invites"),
        "areas": _("what the person may use"),
        "expires_on": _("last day of the invitation"),
        "link": _("where to accept"),
    },
    (_("Accept the invitation"), "link"),
    reason=_("You get this mail because {{ invited_by }} entered your address at {{ company.name }}."),
    sample={
        "client_name": "Brandt Keramik",
        "invited_by": "Tim Holm",
        "areas": "billing, support",
        "expires_on": "21 October 2027",
    },
)
_notice(
    "letter",
    _("Mail written by hand"),
    "{{ subject }}",
    _("# {{ subject }}\n\n[[quote]]"),
    {"subject": _("as it was typed"), "quote": _("what was written")},
    None,
    sample={
        "subject": "Your move to the new server",
        "quote": {"author": "Ingrid Solberg", "text": "It is done.\n\nTell us if anything is amiss."},
    },
    reason=_("You get this mail because a colleague at {{ company.name }} wrote to you."),
)
_notice(
    "staff_letter",
    _("Mail of a program to colleagues"),
    "{{ subject }}",
    _("# {{ subject }}\n\n[[quote]]"),
    {"subject": _("as it was typed"), "quote": _("what was written")},
    None,
    sample={
        "subject": "Nightly copy failed",
        "quote": {"author": "Ingrid Solberg (WHMCS API: Back-ups)", "text": "The copy of web-01 failed."},
    },
    reason=_("You get this mail because a program of a colleague wrote to the people who work here."),
    audience="staff",
)
WEBHOOK = {
    "label": _("what the webhook is for"),
    "url": _("where it leads"),
    "why": _("why it was stopped, a sentence"),
    "link": _("its page"),
}
WEBHOOK_SAMPLE = {"label": "Ledger", "url": "https://hooks.example.com/hostbill", "why": "It took nothing for three days."}
_notice(
    "webhook_stopped",
    _("Webhook: stopped by itself"),
    _("Your webhook “{{ label }}” is stopped"),
    _(
        "# Your webhook “{{ label }}” is stopped\n\n"
        "{{ hello }}, we tell **{{ url }}** nothing any more. {{ why }}\n\n"
        "When it works again, switch it on. What was not taken is listed there and can be sent once more.\n\n"
        "[[button]]"
    ),
    WEBHOOK,
    (_("See the webhook"), "link"),
    area="account",
    reason=_("You get this mail because programs of yours are told of events at {{ company.name }}."),
    sample=WEBHOOK_SAMPLE,
)
