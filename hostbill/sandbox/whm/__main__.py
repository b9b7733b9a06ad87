"""Start the WHM stand-in; see `--help`."""

import os

from hostbill.sandbox.server import parser, run
from hostbill.sandbox.whm.app import Whm


def main() -> None:
    """Read the command line (or HOSTBILL_SANDBOX_WHM_TOKEN) and serve."""
    arguments = parser("whm", 2086)
    arguments.add_argument("--user", default="root")
    arguments.add_argument("--token", default=os.environ.get("HOSTBILL_SANDBOX_WHM_TOKEN", "SANDBOXWHMTOKEN"))
    arguments.add_argument("--max-accounts", type=int, default=0, help="licence limit, 0 = none")
    arguments.add_argument("--public-url", default="", help="what login links start with, when not the bound address")
    given = arguments.parse_args()
    app = Whm(
        given.state, token=given.token, user=given.user, max_accounts=given.max_accounts, public_url=given.public_url
    )
    run(app, given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
