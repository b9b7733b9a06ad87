"""Start the Plesk stand-in; see `--help`."""

import os

from hostbill.sandbox.plesk.app import Plesk
from hostbill.sandbox.server import parser, run


def main() -> None:
    """Read the command line (or HOSTBILL_SANDBOX_PLESK_PASSWORD / _SECRET_KEY) and serve."""
    arguments = parser("plesk", 8880)
    arguments.add_argument("--login", default="admin")
    arguments.add_argument(
        "--password", default=os.environ.get("HOSTBILL_SANDBOX_PLESK_PASSWORD", "sandbox-plesk-password")
    )
    arguments.add_argument("--secret-key", default=os.environ.get("HOSTBILL_SANDBOX_PLESK_SECRET_KEY", ""))
    arguments.add_argument("--max-domains", type=int, default=-1, help="licence limit, -1 = none")
    given = arguments.parse_args()
    app = Plesk(
        given.state,
        login=given.login,
        password=given.password,
        secret_key=given.secret_key,
        max_domains=given.max_domains,
    )
    run(app, given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
