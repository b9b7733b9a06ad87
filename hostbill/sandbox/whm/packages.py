"""Hosting packages of the sandbox server. Numbers are strings, as WHM has them; QUOTA and BWLIMIT in MB."""


def _package(quota: str, bandwidth: str, sites: str, boxes: str) -> dict:
    return {
        "QUOTA": quota, "BWLIMIT": bandwidth, "MAXADDON": sites, "MAXPARK": sites, "MAXSUB": "unlimited", "MAXPOP": boxes,
        "MAXSQL": boxes, "MAXFTP": "unlimited", "MAXLST": "0", "HASSHELL": "n", "CGI": "y", "IP": "n", "CPMOD": "jupiter",
        "FEATURELIST": "default", "LANG": "en", "DIGESTAUTH": "n", "MAX_EMAIL_PER_HOUR": "unlimited",
    }  # fmt: skip


def initial_packages() -> dict[str, dict]:
    """The packages a new sandbox has: start, grow and scale as the demo sells them, and the panel's own default."""
    return {
        "default": _package("unlimited", "unlimited", "0", "unlimited"),
        "start": _package("5120", "51200", "0", "10"),
        "grow": _package("20480", "204800", "5", "50"),
        "scale": _package("102400", "unlimited", "unlimited", "unlimited"),
    }


def limit_bytes(megabytes: str) -> int | None:
    """MB as WHM writes them ("5120", "unlimited") in bytes, None = unlimited."""
    return int(megabytes) * 1024 * 1024 if megabytes.isdigit() and int(megabytes) else None
