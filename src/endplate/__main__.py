"""`python -m endplate` is the command `endplate`."""

from endplate.app.cli import main

main()
