"""Starts the command line."""

import sys

from fleetd.host.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
