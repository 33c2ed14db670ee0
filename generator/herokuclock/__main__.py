"""`python -m herokuclock`."""

from herokuclock.cli import main

main()
