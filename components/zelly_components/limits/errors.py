"""The error of a value that is not allowed, in parts, so that a component and a config each print it in their words."""


class LimitError(ValueError):
    """A value that is not allowed.

    As a text it is one line with all three parts, as every component's refusals are.
    """

    def __init__(self, field: str, came: object, allowed: str) -> None:
        super().__init__(f"{field}: came {came}; allowed {allowed}")
        self.field = field
        self.came = str(came)
        self.allowed = allowed
