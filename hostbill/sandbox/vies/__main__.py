"""Start the VIES stand-in; see `--help`."""

from hostbill.sandbox.server import parser, run
from hostbill.sandbox.vies.app import Vies


def main() -> None:
    """Read the command line and serve."""
    given = parser("vies", 8960).parse_args()
    run(Vies(given.state), given.host, given.port, given.cert, given.key)


if __name__ == "__main__":
    main()
