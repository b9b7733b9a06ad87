"""`python -m hostbill.sandbox.stripe --port P --state DIR --secret-key sk_test_... --publishable-key pk_test_...`

Keys and webhook may come from the environment instead, where the process list does not show them:
HOSTBILL_SANDBOX_STRIPE_SECRET_KEY, _PUBLISHABLE_KEY, _WEBHOOK_URL, _WEBHOOK_SECRET.
"""

import os

from hostbill.sandbox.server import parser, run
from hostbill.sandbox.stripe.app import StripeApp
from hostbill.sandbox.stripe.core import Settings


def given_by_environment(name: str, otherwise: str) -> str:
    """Secrets come by environment, so that they stay out of the process list."""
    return os.environ.get(f"HOSTBILL_SANDBOX_STRIPE_{name}", otherwise)


def main() -> None:
    arguments = parser("stripe", 8700)
    arguments.add_argument("--secret-key", default=given_by_environment("SECRET_KEY", "sk_test_sandbox"))
    arguments.add_argument("--publishable-key", default=given_by_environment("PUBLISHABLE_KEY", "pk_test_sandbox"))
    arguments.add_argument(
        "--webhook-url", default=given_by_environment("WEBHOOK_URL", ""), help="where every event is sent"
    )
    arguments.add_argument("--webhook-secret", default=given_by_environment("WEBHOOK_SECRET", "whsec_sandbox"))
    arguments.add_argument("--sepa-delay", type=float, default=10.0, help="seconds until a direct debit has its result")
    given = arguments.parse_args()
    settings = Settings(given.secret_key, given.publishable_key, sepa_delay=given.sepa_delay)
    app = StripeApp(given.state, settings, given.webhook_url, given.webhook_secret)
    run(app, given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
