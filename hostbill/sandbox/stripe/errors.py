"""The error answers of the API, shaped as Stripe shapes them."""

from dataclasses import dataclass, field


@dataclass
class ApiError(Exception):
    """A refusal. `extra` joins the error object (payment_intent, decline_code, charge ...)."""

    status: int
    type: str
    message: str
    code: str = ""
    param: str = ""
    extra: dict = field(default_factory=dict)

    def body(self, request_id: str) -> dict:
        error = {"message": self.message, "type": self.type}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = "https://stripe.com/docs/error-codes/" + self.code.replace("_", "-")
        if self.param:
            error["param"] = self.param
        error.update(self.extra)
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


def invalid(message: str, *, param: str = "", code: str = "", **extra) -> ApiError:
    return ApiError(400, "invalid_request_error", message, code, param, extra)


def missing_param(name: str) -> ApiError:
    return invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")


def unknown_param(name: str) -> ApiError:
    return invalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")


def missing(kind: str, object_id: str, *, param: str = "id") -> ApiError:
    """404 for an address, 400 for a parameter: Stripe answers differently for the two."""
    status = 404 if param == "id" else 400
    label = "PaymentMethod" if kind == "payment_method" else kind.replace(".", "_")
    return ApiError(status, "invalid_request_error", f"No such {label}: '{object_id}'", "resource_missing", param)


def card_error(message: str, *, code: str, decline_code: str = "", param: str = "", **extra) -> ApiError:
    if decline_code:
        extra["decline_code"] = decline_code
    return ApiError(402, "card_error", message, code, param, extra)
