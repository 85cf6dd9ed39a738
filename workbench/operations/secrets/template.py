"""The file that operators fill and push: every key of theirs, empty, beside who reads it. Nothing of it is from AWS."""

from collections.abc import Iterator, Mapping

from zelly_infra.catalog import APPLICATION_SECRETS, SERVICES


def template() -> Mapping[str, Mapping[str, str]]:
    """Return every secret of the operators with every key, empty."""
    return {secret: dict.fromkeys(keys, "") for secret, keys in APPLICATION_SECRETS.items()}


def readers(secret: str, key: str) -> tuple[str, ...]:
    """Return the services whose containers are given a key; where it has another name there, that one too."""
    found = {
        service.name if variable.name == key else f"{service.name} as {variable.name}": None
        for service in SERVICES
        for container in service.containers
        for variable in container.secrets
        if (variable.secret, variable.key) == (secret, key)
    }
    return tuple(found)


def template_text(stack: str) -> str:
    """Return the template as YAML, which ``zelly secrets push`` reads and which has room for comments."""
    return "\n".join(_lines(stack)) + "\n"


def _lines(stack: str) -> Iterator[str]:
    yield f"# What operators fill in {stack}, for `zelly secrets push`. Each value goes between its quotes; a line"
    yield r"# break in one, as in a private key, is \n. Take out what is to stay as it is: push refuses empty values."
    yield "# Filled, this file is for its owner's eyes alone, and for no repository."
    for secret, keys in APPLICATION_SECRETS.items():
        yield from ("", f"{secret}:")
        width = max(map(len, keys), default=0)
        for key in keys:
            read_by = ", ".join(readers(secret, key)) or "nobody"
            yield f'  {key}: ""{" " * (width - len(key))}  # read by {read_by}'
