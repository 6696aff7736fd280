"""What can be typed: the parser of the command line, and commands for people."""
