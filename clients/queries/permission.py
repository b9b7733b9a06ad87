"""Permission patterns of staff roles, spelt out."""

from fnmatch import fnmatchcase

from hostbill.core import access


def expand(patterns):
    """The registered permission strings that a role's entries cover; `billing.*` covers all of billing."""
    return frozenset(
        permission.code
        for permission in access.all_permissions()
        if any(fnmatchcase(permission.code, pattern) for pattern in patterns)
    )
