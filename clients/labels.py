"""What the keys of clients and logins are called in words, for staff."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.labels import ACT, EVENT, FIELD, HANDLER, JOB, register_labels

register_labels(
    ACT,
    {
        "clients.api_credential_created": _("API credential made"),
        "clients.api_credential_revoked": _("API credential revoked"),
        "clients.api_role_created": _("API role made"),
        "clients.api_role_deleted": _("API role deleted"),
        "clients.api_role_updated": _("API role changed"),
        "clients.api_token_created": _("API token made"),
        "clients.api_token_revoked": _("API token revoked"),
        "clients.client_area_entered": _("Logged in as the client"),
        "clients.client_area_left": _("Left the client's area"),
        "clients.client_closed": _("Account closed"),
        "clients.client_created": _("Client made"),
        "clients.client_deleted": _("Client deleted"),
        "clients.client_reopened": _("Account open again"),
        "clients.client_merged": _("Merged into another client"),
        "clients.client_took_over": _("Another client merged into it"),
        "clients.client_group_set": _("Client put into a group"),
        "clients.group_created": _("Client group made"),
        "clients.group_changed": _("Client group changed"),
        "clients.client_updated": _("Client changed"),
        "clients.consent_recorded": _("Consent recorded"),
        "clients.contact_added": _("Contact added"),
        "clients.contact_changed": _("Contact changed"),
        "clients.contact_removed": _("Contact removed"),
        "clients.invitation_withdrawn": _("Invitation withdrawn"),
        "clients.letter_written": _("Mail written to the client"),
        "clients.member_invited": _("Person invited"),
        "clients.member_joined": _("Person joined"),
        "clients.member_removed": _("Person removed"),
        "clients.member_rights_changed": _("Rights of a person changed"),
        "clients.password_reset_sent": _("Link for a new password sent"),
        "clients.password_set": _("Password set"),
        "clients.program_noted": _("Noted by a program"),
        "clients.sign_in_link_made": _("Link made that signs a person in"),
        "clients.staff_letter_written": _("Mail written to colleagues"),
        "clients.signed_in": _("Signed in"),
        "clients.staff_role_created": _("Role made"),
        "clients.staff_role_deleted": _("Role deleted"),
        "clients.staff_role_updated": _("Role changed"),
        "clients.sticky_note_set": _("Note changed"),
        "clients.user_created": _("Login made"),
        "clients.user_roles_set": _("Roles of a colleague changed"),
        "clients.user_updated": _("Login changed"),
    },
)
register_labels(
    EVENT,
    {
        "clients.api_credential_created": _("API credential made"),
        "clients.api_token_created": _("API token made"),
        "clients.client_closed": _("Account closed"),
        "clients.client_created": _("Client made"),
        "clients.client_merged": _("Client merged into another"),
        "clients.client_updated": _("Client changed"),
        "clients.member_invited": _("Person invited"),
        "clients.member_joined": _("Person joined"),
    },
)
register_labels(
    HANDLER,
    {
        "clients.mail_on_api_credential_created": _("Tell the owner of new API credentials"),
        "clients.mail_on_api_token_created": _("Tell the owner of a new API token"),
        "clients.mail_on_member_invited": _("Mail the invitation"),
        "clients.mail_on_webhook_stopped": _("Mail that a webhook was stopped"),
        "clients.sweep_on_client_merged": _("Look after what came to a merged client"),
    },
)
register_labels(JOB, {"clients.sweep_merged": _("Look after clients who were merged")})
register_labels(
    FIELD,
    {
        "clients.author": _("Author"), "clients.client": _("Client"), "clients.hint": _("Beginning of the token"),
        "clients.secret_hash": _("Secret"), "clients.token_hash": _("Token"), "clients.user": _("Person"),
        "clients.roles": _("Roles"),
    },
)  # fmt: skip
