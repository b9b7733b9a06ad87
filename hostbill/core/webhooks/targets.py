"""Where webhooks may go: public addresses only, whatever a name says and whoever answers for it.

A name is looked up at each call, every address it has is checked, and the call goes to a checked address itself, so that a name
that answers differently the second time leads nowhere else."""

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hostbill.core.webhooks.options import ALLOW_HTTP, ALLOWED_FOR_CLIENTS, ALLOWED_NETWORKS
from hostbill.core.webhooks.troubles import WORDS, Trouble

LOOKUP_SECONDS = 3
MOST_URL = 500
#: Other numbers below 1024 belong to services that are no web servers.
WEB_PORTS = (80, 443)
FIRST_FREE_PORT = 1024
#: Networks that carry IPv4 addresses inside IPv6 ones, beside those that `ipaddress` knows.
NAT64 = ip_network("64:ff9b::/96")
#: Once led to the nearest 6to4 relay (RFC 7526); `ipaddress` takes it for public.
RELAYS = ip_network("192.88.99.0/24")
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Target:
    """A checked URL in parts."""

    scheme: str
    host: str
    port: int
    path: str


def parse(url: str) -> Target:
    """The URL in parts. Raises ValidationError for what is no address of a web server that we may call."""
    if len(url) > MOST_URL or not url.isascii() or any(char.isspace() or not char.isprintable() for char in url):
        raise ValidationError(_("Enter an address such as https://hooks.example.com/hostbill."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValidationError(_("Enter an address such as https://hooks.example.com/hostbill.")) from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("https", "http") or not host or "\\" in url:
        raise ValidationError(_("Enter an address such as https://hooks.example.com/hostbill."))
    if parts.scheme == "http" and not ALLOW_HTTP.value:
        raise ValidationError(_("Only addresses that begin with https:// are allowed."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValidationError(_("Leave out name, password and what follows a #."))
    port = port if port is not None else 443 if parts.scheme == "https" else 80
    if port not in WEB_PORTS and port < FIRST_FREE_PORT:
        raise ValidationError(_("This port is not one of a web server: use 80, 443 or one from 1024 on."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and address in NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is None and int(address) < 2**32 and int(address) > 1:  # ::1.2.3.4, long given up
        inner = IPv4Address(int(address))
    return inner or address


def is_public(address: Address) -> bool:
    """Reachable from everywhere and belonging to one machine: no private, local, shared, reserved or group address."""
    address = _unwrapped(address)
    local = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False) or address in RELAYS
    return address.is_global and not local


def is_own(address: Address) -> bool:
    """Belongs to this machine, whose other services would take us for a neighbour: what is sent to it comes from it. Nothing is sent."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), 9))
        except OSError:
            return False  # no way there at all
        return ip_address(probe.getsockname()[0]) == address


def may_reach(address: Address, *, is_client: bool) -> bool:
    """Public and not this machine's, or in a network that the setting names. Link-local ones, with the clouds' metadata, are never
    reached."""
    address = _unwrapped(address)
    if is_public(address) and not is_own(address):
        return True
    if address.is_link_local or address.is_multicast or is_client and not ALLOWED_FOR_CLIENTS.value:
        return False
    return any(address in ip_network(line) for line in ALLOWED_NETWORKS.value.split())


def addresses_of(target: Target) -> list[Address]:
    """All that the host's name stands for, also when it is a number in whatever spelling. Raises OSError."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(entry[4][0].partition("%")[0]) for entry in found))


def found_in_time(target: Target) -> list[Address]:
    """The same within some seconds: the system's own look-up knows no limit. Raises OSError, also when it is late."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(addresses_of, target).result(LOOKUP_SECONDS)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def check(url: str, *, is_client: bool) -> None:
    """For a form: raises ValidationError when nothing may ever be sent there. A name that nobody knows yet is no mistake."""
    target = parse(url)
    try:
        found = found_in_time(target)
    except (OSError, UnicodeError):
        return
    if not all(may_reach(address, is_client=is_client) for address in found):
        raise ValidationError(WORDS["forbidden_address"])


def resolve(url: str, *, is_client: bool) -> tuple[Target, list[str]]:
    """For a call: where it goes, and the checked addresses. Raises Trouble; never permanent, since names and settings change."""
    try:
        target = parse(url)
        found = found_in_time(target)
    except ValidationError as error:
        raise Trouble("forbidden_address", error.messages[0]) from error
    except (OSError, UnicodeError) as error:
        raise Trouble("no_such_host", str(error)[:300]) from error
    if not found or not all(may_reach(address, is_client=is_client) for address in found):
        raise Trouble("forbidden_address", ", ".join(map(str, found))[:300])
    return target, [str(address) for address in found]
