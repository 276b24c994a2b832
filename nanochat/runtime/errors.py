"""The error that a person can mend."""


class UserError(Exception):
    """A mistake that a person can mend; its text says what happened, where, and what to do."""
