"""One call to WHM: token in, data out, whatever shape the answer has."""

from hostbill.core.errors import DriverError
from provisioning.panels.address import LONG, READ, Address
from provisioning.panels.answers import auth_refused, check_status, spellings, unreadable
from provisioning.panels.cpanel.errors import classify

SLOW = frozenset({"createacct", "removeacct", "modifyacct", "changepackage", "suspendacct", "unsuspendacct"})


class WhmClient:
    """Calls WHM API 1 as one user with a token."""

    def __init__(self, values: dict):
        self.address = Address(values)
        self._token = values.get("token") or ""
        self._user = values.get("username") or "root"

    def read(self, function: str, **params) -> dict:
        """A call that changes nothing; unreadable answers may be retried."""
        return self._call(function, params, mutating=False, hide=())

    def change(self, function: str, *, hide: tuple[str, ...] = (), **params) -> dict:
        """A call that changes something; unreadable answers are OutcomeUnknown. `hide`: secrets among the parameters."""
        return self._call(function, params, mutating=True, hide=hide)

    def _call(self, function: str, params: dict, *, mutating: bool, hide: tuple[str, ...]) -> dict:
        response = self.address.send(
            "POST",
            f"/json-api/{function}?api.version=1",
            mutating=mutating,
            timeout=LONG if function in SLOW else READ,
            secrets=spellings((self._token, *hide)),
            headers={"Authorization": f"whm {self._user}:{self._token}", "Accept": "application/json"},
            data={name: value for name, value in params.items() if value is not None},
        )
        check_status(response, mutating=mutating)
        try:
            answer = response.json()
        except ValueError as error:
            raise unreadable(response, mutating=mutating) from error
        found = _read_envelope(answer)
        if found is None:
            raise unreadable(response, mutating=mutating)
        ok, reason, data = found
        if not ok:
            raise classify(function, reason)
        return data


def _read_envelope(answer) -> tuple[bool, str, dict] | None:
    """(ok, reason, data) of API 1, of the older API 0 shapes, or of the refusal of the door; None = none of them."""
    if not isinstance(answer, dict):
        return None
    refusal = answer.get("cpanelresult")
    if isinstance(refusal, dict) and refusal.get("error"):
        raise auth_refused(f"WHM: {refusal['error']}")
    metadata = answer.get("metadata")
    if isinstance(metadata, dict) and "result" in metadata:
        data = answer.get("data")
        return str(metadata["result"]) == "1", str(metadata.get("reason") or ""), data if isinstance(data, dict) else {}
    return _read_old_envelope(answer)


def _read_old_envelope(answer: dict) -> tuple[bool, str, dict] | None:
    rows = answer.get("result")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else answer
    if "status" not in row:
        return None
    return str(row["status"]) == "1", str(row.get("statusmsg") or ""), row


def only_list(data: dict, name: str) -> list[dict]:
    """A list in the data; DriverError when it is not there, since an empty list would read as "nothing exists"."""
    rows = data.get(name)
    if not isinstance(rows, list):
        raise DriverError(f"WHM left out {name} in its answer", permanent=False, code="bad_answer")
    return [row for row in rows if isinstance(row, dict)]
