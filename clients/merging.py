"""What becomes of people, notes and mails when two clients are merged."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clients.actions.merge_people import merge_contacts, merge_members, merge_notes
from clients.actions.merge_plan import Part, Share, moved, register_share, stays
from hostbill.core.ui.words import day_words


def facts(client, actor):
    """Who it is."""
    return [
        (_("Name"), f"{client.name} {client.native_name}".strip()),
        (_("Person"), client.person_name),
        (_("E-mail"), client.email),
        (_("Phone"), client.phone),
        (_("Address"), ", ".join(client.address_lines)),
        (_("Tax number"), client.tax_id),
        (_("Language"), dict(settings.LANGUAGES).get(client.language, client.language)),
        (_("Group"), client.group),
        (_("Status"), client.state_words[1]),
        (_("Client since"), day_words(client.created_at.date(), year=True)),
    ]


register_share(
    Share(
        facts=facts,
        parts=(
            moved("clients.Client.merged_into", label=_("Clients merged into it before")),
            Part(("clients.Membership.client",), _("People with a login"), move=merge_members),
            moved("clients.Invitation.client", label=_("Invitations")),
            Part(("clients.Contact.client",), _("Contacts"), move=merge_contacts),
            Part(("clients.Note.client",), _("Notes"), move=merge_notes),
            moved("clients.ApiToken.client", label=_("API tokens")),
            moved("core.Message.client_id", label=_("Mails")),
            moved("core.WebhookEndpoint.client_id", label=_("Webhooks")),
            stays("clients.Consent.client", label=_("Consents"), why=_("They prove what was agreed to for that account.")),
            stays("core.Change.client_id", label=_("Acts in the log"), why=_("They say what happened to that account.")),
        )
    )
)
