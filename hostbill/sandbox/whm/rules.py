"""What WHM refuses: user names, domains and packages, with the reason it gives."""

import re

RESERVED = frozenset(
    "root admin administrator info sales support marketing mysql postgres postgresql ftp mail mailman nobody bin daemon news "
    "cpanel whm webmail webmaster hostmaster postmaster abuse apache named operator system cpanelsolr dovecot exim virtfs "
    "www spamassassin all wheel sudo games sync shutdown halt public files dirs uucp default toor tomcat users".split()
)
_USERNAME = re.compile(r"[a-z][a-z0-9]{0,15}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")


class Refused(Exception):
    """A logical failure: metadata.result 0 with this reason, still HTTP 200."""


def check_username(username: str, taken: dict) -> None:
    """Refuse a name the server would not create. `taken` maps existing names."""
    if not username:
        raise Refused("You must specify a username.")
    if username[0].isdigit():
        raise Refused(f"“{username}” is not a valid username: usernames may not begin with a digit.")
    if not _USERNAME.fullmatch(username):
        raise Refused(f"“{username}” is not a valid username: only up to 16 letters a-z and digits are allowed.")
    if username.startswith("test") or username.endswith("assword"):
        raise Refused(f"“{username}” is not a valid username on this system.")
    if username in RESERVED:
        raise Refused(f"“{username}” is a reserved username on this system.")
    if username in taken:
        raise Refused(f"This system already has an account named “{username}”.")
    if any(other[:8] == username[:8] for other in taken):
        raise Refused(f"The first 8 characters of “{username}” conflict with another account's username.")


def check_domain(domain: str, accounts: dict, zones: dict, *, force_dns: bool) -> None:
    """Refuse a domain that is no domain, served already, or has a leftover DNS zone."""
    if not _DOMAIN.fullmatch(domain) or len(domain) > 253:
        raise Refused(f"“{domain}” is not a valid domain name.")
    owner = owner_of(domain, accounts)
    if owner:
        raise Refused(f"The domain “{domain}” already exists in the userdata of “{owner}”.")
    if domain in zones and not force_dns:
        raise Refused(
            f"A DNS entry for “{domain}” already exists. You must remove this DNS entry from all servers first."
        )


def owner_of(domain: str, accounts: dict) -> str | None:
    """User who serves the domain."""
    return next((user for user, account in accounts.items() if account["domain"] == domain), None)
