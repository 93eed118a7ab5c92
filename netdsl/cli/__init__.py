"""The command line: reads files, prints, and exits; one file per command, each with a function `command`."""
