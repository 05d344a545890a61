"""The page: a web server for people who never open a terminal. It draws what ``job`` hands it, and has no rules of its own."""
