"""`python -m reelgate`: the same as the command `reelgate`."""

from reelgate.cli import main

if __name__ == "__main__":
    main()
