"""Start the ECB stand-in; see `--help`."""

from hostbill.sandbox.ecb.app import Ecb
from hostbill.sandbox.server import parser, run


def main() -> None:
    """Read the command line and serve."""
    given = parser("ecb", 8961).parse_args()
    run(Ecb(given.state), given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
