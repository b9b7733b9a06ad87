"""Start the receiver of webhooks; see `--help`."""

from hostbill.sandbox.hooks.app import Hooks
from hostbill.sandbox.server import parser, run


def main() -> None:
    """Read the command line and serve."""
    given = parser("hooks", 8962).parse_args()
    run(Hooks(given.state), given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
