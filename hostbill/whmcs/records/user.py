"""Logins and what they may use in client accounts."""

from clients.models import ALL_AREAS, User
from hostbill.whmcs.answers import instant
from hostbill.whmcs.records.client import two_names
from hostbill.whmcs.words import PERMISSIONS

#: What each right lets somebody do, as GetPermissionsList words it.
WORDS = {
    "profile": "Modify Master Account Profile",
    "contacts": "View & Manage Contacts",
    "emails": "View Emails",
    "products": "View Products & Services",
    "manageproducts": "View & Modify Product Passwords",
    "productsso": "Perform Single Sign-On",
    "orders": "Place New Orders/Upgrades/Cancellations",
    "invoices": "View & Pay Invoices",
    "quotes": "View & Accept Quotes",
    "tickets": "View & Open Support Tickets",
}


def user_record(user: User) -> dict:
    """A row of GetUsers; with ``memberships`` prefetched."""
    first, last = two_names(user.name)
    return {
        "id": user.pk,
        "firstname": first,
        "lastname": last,
        "email": user.email,
        "datecreated": instant(user.created_at),
        "validationdata": "",
        "clients": [{"id": row.client_id, "isOwner": row.is_owner} for row in user.memberships.all()],
    }


def permissions_of(areas) -> list[str]:
    """WHMCS's names of what areas hold."""
    return [name for area in ALL_AREAS if area in areas for name in PERMISSIONS[area]]


def areas_of(names) -> list[str]:
    """The areas that hold these rights; one right of an area stands for the whole of it."""
    asked = {name.strip().lower() for name in names}
    if "all" in asked:
        return list(ALL_AREAS)
    return [area for area in ALL_AREAS if asked & set(PERMISSIONS[area])]
