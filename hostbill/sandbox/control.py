"""The control endpoint of every sandbox server, by which tests order faults and look inside.

Control (open, so bind to loopback only):
    GET/POST/DELETE /_control/faults   see hostbill.sandbox.faults; POST takes one order or a list of orders
    GET/DELETE /_control/calls         every call: operation, params, at, outcome, status, fault, ms; ?operation=REGEX filters
    GET /_control/state                the whole state as JSON
    POST /_control/reset               initial state, no faults, no calls
    GET /_control/health               {"ok": true, "name": ...}
    POST /_control/NAME                further ones by the app: `control(name, data)`
"""

import re

from hostbill.sandbox.faults import BadFault
from hostbill.sandbox.messages import Answer, Request


def answer(app, request: Request) -> Answer:
    """Answer a request below /_control/; nonsense is 400, an unknown name 404."""
    name = request.path.removeprefix("/_control/").strip("/")
    try:
        data = request.json() if request.method == "POST" else {}
        found = _common(app, request.method, name, data, request)
        if found is None and request.method == "POST":
            with app.store.lock:
                found = app.control(name, data)
            app.store.touch()
    except (BadFault, ValueError, KeyError, TypeError) as error:
        return Answer.json({"error": str(error)}, 400)
    return Answer.json({"error": "no such control"}, 404) if found is None else Answer.json(found)


def _common(app, method: str, name: str, data, request: Request):
    """What all servers have; None = not one of these."""
    match method, name:
        case "GET", "health":
            return {"ok": True, "name": app.name}
        case "GET", "state":
            return app.store.snapshot()
        case "POST", "reset":
            app.faults.clear()
            app.calls.clear()
            app.at_work = frozenset()
            app.store.reset()
            return {"ok": True}
        case _, "faults":
            return _faults(app, method, data)
        case _, "calls":
            return _calls(app, method, request.query.get("operation", ""))
    return None


def _faults(app, method: str, data):
    if method == "POST":
        added = [app.faults.add(order) for order in (data if isinstance(data, list) else [data])]
        return {"ids": [fault.id for fault in added], "faults": app.faults.listing()}
    if method == "DELETE":
        app.faults.clear()
    return app.faults.listing()


def _calls(app, method: str, operation: str):
    if method == "DELETE":
        app.calls.clear()
        return []
    wanted = re.compile(operation, re.IGNORECASE)
    return [entry for entry in list(app.calls) if wanted.search(entry["operation"])]
