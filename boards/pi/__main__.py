"""`python -m boards.pi --config /etc/kagibako/box.json`: the box, until it is stopped."""

from boards.pi.main import main

if __name__ == "__main__":
    raise SystemExit(main())
