"""People and accounts by API."""

from clients.api import people
from clients.api.portal import CLIENT_NOUNS as ACCOUNT
from clients.api.role import RoleForApi
from hostbill.core.api.nouns import Noun

CLIENT_NOUNS = [*ACCOUNT, *people.CLIENT_NOUNS]
NOUNS = [
    Noun(
        "clients",
        "client",
        also="number company first_name last_name native_name email phone address1 address2 city state postcode country "
        "tax_id language currency einvoice buyer_reference electronic_address closed_at merged_into merged_at",
        closed={"visit": "a visit is a person's look at pages"},
    ),
    Noun("client-groups", "client_group", words="Client groups"),
    Noun("users", "user", also="name native_name language is_staff is_active roles", without="label role_names"),
    Noun(
        "roles",
        "role",
        also="code permissions grants_all",
        without="permission_words",
        create_view=RoleForApi,
        edit_view=RoleForApi,
    ),
    *people.NOUNS,
]
