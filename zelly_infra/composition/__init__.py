"""The parts of the stack, in the order they are put together by :mod:`zelly_infra.stack`."""
