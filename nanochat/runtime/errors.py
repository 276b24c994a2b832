"""The error that a person can mend."""


class UserError(Exception):
    """A mistake that a person can mend; its text says what happened, where, and what to do."""


def at_least(config: object, minimum: float, *fields: str) -> None:
    """Raises UserError for the first of these fields that is below a minimum; None passes."""
    for field in fields:
        value = getattr(config, field)
        # NaN is not below anything either.
        if value is not None and not value >= minimum:
            raise UserError(f"{field}={value}: expected {minimum} or more.")
