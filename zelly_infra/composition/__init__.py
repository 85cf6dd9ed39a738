"""The parts of the stack, which :mod:`zelly_infra.stack` puts together."""
