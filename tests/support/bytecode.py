"""Compile the tests as pytest does, with its assertions, once for all of its workers.

The workers start together and need all of it at once: each would compile it for itself, and where
PYTHONDONTWRITEBYTECODE is set, in every run anew. pytest compares the source and passes over what is out of date.
Run as ``python -m tests.support.bytecode``.
"""

from pathlib import Path

# pytest has no public interface for this: a release that does it otherwise fails here, at once.
from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _read_pyc,  # pyright: ignore[reportPrivateUsage]
    _rewrite_test,  # pyright: ignore[reportPrivateUsage]
    _write_pyc_fp,  # pyright: ignore[reportPrivateUsage]
    get_cache_dir,
)

TESTS = Path(__file__).parent.parent


def compile_tests() -> None:
    """Write the bytecode of each test and each conftest that has none, or one of another source."""
    for source in sorted([*TESTS.rglob("test_*.py"), *TESTS.rglob("conftest.py")]):
        compiled = get_cache_dir(source) / f"{source.stem}{PYC_TAIL}"
        if _read_pyc(source, compiled) is None:
            # Without a configuration: pyproject.toml has none of the option that it would be asked for.
            digest, code = _rewrite_test(source, None)  # pyright: ignore[reportArgumentType]
            compiled.parent.mkdir(exist_ok=True)
            with compiled.open("wb") as file:
                _write_pyc_fp(file, digest, code)


if __name__ == "__main__":
    compile_tests()
