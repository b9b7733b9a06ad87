"""WHM says everything in words: metadata.result is 0 and metadata.reason explains. Here the words become codes."""

import re

from hostbill.core.errors import DriverError
from provisioning.panels.answers import auth_refused

# First match wins; order matters (a package that "does not exist" is not a missing account).
_RULES = [
    ("auth", r"access denied|invalid token|token .*expired"),
    (
        "permission",
        r"permission denied|do not have (?:the )?(?:permission|required privilege|access)|lacks? the|not authorized",
    ),
    ("server_full", r"licen[sc]e.{0,80}(?:allows|maximum|limit|exceed)|maximum number of accounts|account limit"),
    ("server_full", r"exceeded your .*accounts"),
    ("plan_missing", r"(?:package|plan)\b.*(?:not (?:a )?valid|not exist|invalid|not found|not have|failed)"),
    ("plan_missing", r"(?:invalid|no such|unknown|failed|not (?:a )?valid).*(?:package|plan)\b"),
    ("already", r"already (?:been )?suspended|is not suspended|already active"),
    (
        "domain_taken",
        r"domain\b.*(?:already|in use|exists)|userdata|dns (?:entry|zone)|zone .*exists|already (?:configured|parked)",
    ),
    ("username_taken", r"already has an account|(?:user|group)\w*\b.*already exists|already exists.*(?:user|group)"),
    ("username_taken", r"username.*(?:taken|conflict|in use)|first 8 "),
    (
        "bad_username",
        r"not (?:a )?valid (?:user ?name|user\b)|reserved|invalid user ?name|user ?names? (?:may|must|can)",
    ),
    ("weak_password", r"password.*(?:weak|strength|strong|contain|too short|simple)"),
    ("missing", r"do(?:es)? not exist|no such (?:user|account)|unknown (?:user|account)|could not find"),
    ("suspended", r"suspended"),
    ("busy", r"try again|too many|temporarily|locked by another|in progress"),
]
_PATTERNS = [(code, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for code, pattern in _RULES]


def classify(function: str, reason: str) -> DriverError:
    """The error for a refused call."""
    code = next((code for code, pattern in _PATTERNS if pattern.search(reason)), "refused")
    message = f"{function}: {reason or 'refused without a reason'}"
    if code == "auth":
        return auth_refused(message)
    return DriverError(message, permanent=code != "busy", code=code, retry_after=60 if code == "busy" else None)
