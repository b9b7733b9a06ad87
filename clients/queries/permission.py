"""Permission patterns of staff roles, spelt out."""

from fnmatch import fnmatchcase

from hostbill.core import access


def expand(patterns):
    """The registered permission strings that a role's entries cover; `billing.*` covers all of billing."""
    return frozenset(
        code for code in access.permission_codes() if any(fnmatchcase(code, pattern) for pattern in patterns)
    )
