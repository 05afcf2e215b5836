"""The journal's chains, the statements signed about them, and what verifies both."""
