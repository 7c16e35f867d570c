"""Memory across sessions: events and facts of each user with each avatar, kept in a database and recalled."""
