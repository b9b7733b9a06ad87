"""Permission patterns of staff roles, spelt out."""

from fnmatch import fnmatchcase

from hostbill.core import access


def expand(patterns):
    """The registered permission strings that a role's entries cover; `billing.*` covers all of billing but what has to be given
    by name."""
    if "*" in patterns:
        return frozenset(access.permission_codes())
    named = access.codes_by_name()
    return frozenset(
        code
        for code in access.permission_codes()
        if code in patterns or code not in named and any(fnmatchcase(code, pattern) for pattern in patterns)
    )
