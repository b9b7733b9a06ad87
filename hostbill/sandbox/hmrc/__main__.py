"""Start the HMRC stand-in; see `--help`."""

from hostbill.sandbox.hmrc.app import Hmrc
from hostbill.sandbox.server import parser, run


def main() -> None:
    """Read the command line and serve."""
    given = parser("hmrc", 8970).parse_args()
    run(Hmrc(given.state), given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
