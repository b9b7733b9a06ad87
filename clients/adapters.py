"""How allauth's sign-in, password and second-factor pages fit in: who may sign up, where to go next, how mail leaves."""

import uuid

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.actions.session import record_sign_in
from clients.models import User
from clients.queries.look import remember_look
from hostbill.core.models import Message
from hostbill.core.notify import Recipient, notify
from hostbill.core.secrets import decrypt, encrypt

RESET_MAIL = "account/email/password_reset_key"
UNKNOWN_ACCOUNT = "account/email/unknown_account"
CONFIRMATIONS = ("account/email/email_confirmation", "account/email/email_confirmation_signup")


def _what_happened(prefix):
    """The sentence for a security mail, from allauth's template name."""
    sentences = {
        "account/email/password_changed": _("Your password was changed"),
        "account/email/password_set": _("A password was set"),
        "account/email/password_reset": _("Your password was reset"),
        "account/email/email_changed": _("Your e-mail address was changed"),
        "account/email/email_confirm": _("Your e-mail address was confirmed"),
        "account/email/email_deleted": _("An e-mail address was removed"),
        "mfa/email/totp_activated": _("A second factor was switched on"),
        "mfa/email/totp_deactivated": _("The second factor was switched off"),
        "mfa/email/recovery_codes_generated": _("New recovery codes were made"),
    }
    return sentences.get(prefix, _("The security settings of your login changed"))


def _reset_page():
    """Where a new password is asked for; works whoever is signed in."""
    return settings.SITE_URL + reverse("account_reset_password")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up happens at checkout or by invitation; all mail goes through the outgoing queue and the message log."""

    def is_open_for_signup(self, request):
        """No login without an account: people sign up by ordering or by an invitation."""
        return False

    def get_login_redirect_url(self, request):
        """Staff to the console, clients to their area."""
        return reverse("staff_home" if request.user.is_staff else "portal_home")

    def get_reset_password_from_key_url(self, key):
        """On our own address, whatever host the request named."""
        uid, _dash, secret = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", args=[uid, secret])

    def get_email_confirmation_url(self, request, emailconfirmation):
        """On our own address, whatever host the request named."""
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def send_mail(self, template_prefix, email, context):
        """Instead of sending now, write a message that a worker sends."""
        user = context.get("user") or User.objects.filter(email=(email or "").lower()).first()
        reader = Recipient(email, user.name if user else "", user.language if user else "")
        kind, values = self._notice(template_prefix, email, context)
        notify(kind, to=reader, context=values, key=f"{kind}:{uuid.uuid4()}", subject_ref=(Message.PRIVATE, None))

    def _notice(self, prefix, email, context):
        """Which of our notices stands for allauth's template, with its values."""
        if prefix == RESET_MAIL:
            return "clients.password_reset", {"email": email, "link": context["password_reset_url"]}
        if prefix in CONFIRMATIONS:
            return "clients.email_confirm", {"email": email, "link": context["activate_url"]}
        if prefix == UNKNOWN_ACCOUNT:
            return "clients.unknown_account", {"email": email, "link": _reset_page()}
        return "clients.security_notice", {"email": email, "what": _what_happened(prefix), "link": _reset_page()}

    def post_login(self, request, user, **kwargs):
        """Remember the sign-in in the log, and speak the person's language from now on."""
        response = super().post_login(request, user, **kwargs)
        record_sign_in(user, ip=self.get_client_ip(request))
        remember_look(response, user)
        return response

    def get_client_ip(self, request):
        """The peer's address; a trusted proxy in front sets it (gunicorn's forwarded-allow-ips)."""
        return request.META.get("REMOTE_ADDR")


class MFAAdapter(DefaultMFAAdapter):
    """Keys of second factors and seeds of recovery codes are encrypted at rest."""

    def encrypt(self, text):
        """As it is stored."""
        return encrypt(text)

    def decrypt(self, encrypted_text):
        """As it is used."""
        return decrypt(encrypted_text)
