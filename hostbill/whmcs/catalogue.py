"""All actions that WHMCS documents, and what becomes of each here: done, done in part, or absent."""

from dataclasses import dataclass

from hostbill.whmcs.action import ACTIONS
from hostbill.whmcs.documented import AREAS

NO_DOMAINS = "HostBill does not register or manage domain names yet"
NO_PROJECTS = "HostBill has no projects"
NO_AFFILIATES = "HostBill has no affiliates"
NO_ANNOUNCEMENTS = "HostBill has no announcements"
NO_TODO = "HostBill has no to-do items"
NO_CARD_NUMBERS = "Numbers of cards and bank accounts never reach this server: clients save them in the gateway's own form"
NO_OAUTH = "HostBill has no OAuth credentials; programs use API credentials or API tokens"
#: Why a whole area, or a single action, is absent.
AREA_ABSENT = {"Domains": NO_DOMAINS, "Project Management": NO_PROJECTS, "Affiliates": NO_AFFILIATES}
ABSENT = {
    **dict.fromkeys(("AddAnnouncement", "DeleteAnnouncement", "GetAnnouncements", "UpdateAnnouncement"), NO_ANNOUNCEMENTS),
    **dict.fromkeys(("GetToDoItems", "GetToDoItemStatuses", "UpdateToDoItem"), NO_TODO),
    **dict.fromkeys(
        ("CreateOAuthCredential", "DeleteOAuthCredential", "ListOAuthCredentials", "UpdateOAuthCredential"), NO_OAUTH
    ),
    **dict.fromkeys(("GetTicketPredefinedCats", "GetTicketPredefinedReplies"), "HostBill has no prepared replies"),
    "AddPayMethod": NO_CARD_NUMBERS,
    "BlockTicketSender": "Tickets come from clients only, and HostBill blocks no senders",
    "OrderFraudCheck": "HostBill asks no fraud service; a person marks an order with FraudOrder",
    "TriggerNotificationEvent": "HostBill has no notification services; webhooks tell programs what happens",
    "UpdateAdminNotes": "HostBill keeps no notes of colleagues",
    "AddBannedIp": "HostBill bans no addresses; the throttles of sign-in and API close themselves",
}
NOT_YET = "HostBill does not have this yet"


@dataclass(frozen=True)
class Documented:
    """One action as WHMCS documents it. ``required``, ``optional``: names of parameters."""

    name: str
    area: str
    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def absent(self) -> str:
        """Why it is not done here; "" when it is."""
        if self.name.lower() in ACTIONS:
            return ""
        return ABSENT.get(self.name) or AREA_ABSENT.get(self.area, NOT_YET)

    @property
    def refusal(self) -> str:
        """What callers of an absent action read."""
        return f"{self.name} is not available: {self.absent}"


def _documented() -> dict[str, Documented]:
    found = {}
    for area, text in AREAS.items():
        for line in text.strip().replace("\n        ", " ").splitlines():
            name, _colon, rest = line.strip().partition(":")
            required, _semicolon, optional = rest.partition(";")
            found[name.lower()] = Documented(name, area, tuple(required.split()), tuple(optional.split()))
    return found


DOCUMENTED: dict[str, Documented] = _documented()


def state_of(documented: Documented) -> tuple[str, str]:
    """(full, partial or absent; what is missing)."""
    if documented.absent:
        return "absent", documented.absent
    missing = ACTIONS[documented.name.lower()].missing
    return ("partial", missing) if missing else ("full", "")


def table() -> str:
    """The actions for docs/whmcs-api.md."""
    states = [state_of(entry)[0] for entry in DOCUMENTED.values()]
    lines = [", ".join(f"{states.count(state)} {state}" for state in ("full", "partial", "absent")) + "."]
    for area in AREAS:
        rows = [entry for entry in DOCUMENTED.values() if entry.area == area]
        lines += ["", f"### {area} ({len(rows)})", "", "| action | here | what is missing |", "|---|---|---|"]
        lines += [f"| {entry.name} | {state_of(entry)[0]} | {state_of(entry)[1]} |" for entry in rows]
    return "\n".join(lines).strip() + "\n"
