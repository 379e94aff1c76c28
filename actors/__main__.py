"""`python -m actors`: the command line."""

from actors.console import main

if __name__ == "__main__":
    main()
