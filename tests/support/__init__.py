"""What the tests stand on: projects, databases, servers and browsers, all real."""
