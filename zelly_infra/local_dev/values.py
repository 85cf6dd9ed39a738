"""The values of variables on a developer's machine: which differ from the stack's, and by which rule."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from workbench.errors import OperatorError
from workbench.local_dev.model import ClickHouse, MySql, Redis, interpolated_upstream
from workbench.local_dev.values import FilledIn, Known, Random, Value, Variable
from workbench.program import OtherStack
from zelly_infra import catalog
from zelly_infra.catalog import Container, HttpsIngress, SecretVariable, Service, Setting

USER = "zelly"
"""Of MySQL: not root, as the applications have no use for more than their schemas. ClickHouse's is the stack's."""

RULES: Mapping[str, str] = {
    "development": "`development`",
    "store": "the containers, and users and passwords of this machine's own",
    "neighbour": "containers of one task share an address in AWS; here each has its own",
    "ask": "the same endpoint in its container, past the proxy",
    "random": "made anew on each machine: only the platform itself signs and encrypts with them",
    "filled in": "empty until the developer fills them in: third parties hand them out",
    "browser": "the frontends' development servers",
}
"""The rules by which a value differs from the stack's. A variable that none is given for has the stack's own value."""

_STORES: Mapping[tuple[str, str], Value] = {
    (catalog.AURORA_SECRET, "DB_HOST"): Known("mysql", on_host="127.0.0.1"),
    (catalog.AURORA_SECRET, "DB_USER"): Known(USER),
    (catalog.AURORA_SECRET, "DB_PASSWORD"): Random(MySql.password),
    (catalog.REDIS_SECRET, "REDIS_HOST"): Known("redis", on_host="127.0.0.1"),
    (catalog.REDIS_SECRET, "REDIS_PORT"): Known(str(Redis.port)),
    (catalog.REDIS_SECRET, "REDIS_PASSWORD"): Random(Redis.password),
    (catalog.CLICKHOUSE_SECRET, "CLICKHOUSE_HOST"): Known("clickhouse", on_host="127.0.0.1"),
    (catalog.CLICKHOUSE_SECRET, "CLICKHOUSE_PORT"): Known(str(ClickHouse.http_port)),
    (catalog.CLICKHOUSE_SECRET, "CLICKHOUSE_PASSWORD"): Random(ClickHouse.password),
}

_MADE_HERE = frozenset({"JWT_SECRET", "JWT_SECRET_KEY", "COOKIE_SECRET"})
"""Keys of the services' own secrets with which the platform signs and encrypts what only it reads."""

_BROWSER_ORIGINS: Mapping[str, str] = {
    # What Vite's development server has unless it is told otherwise ("server.port", Vite's documentation).
    "CORS_ORIGINS": "http://localhost:5173",
}

_SOURCES: Mapping[str, str] = {
    "RAZORPAY_KEY_ID": "Razorpay's dashboard, in test mode: Account & Settings, API Keys",
    "RAZORPAY_KEY_SECRET": "Razorpay's dashboard, in test mode: Account & Settings, API Keys",
    "RAZORPAY_WEBHOOK_SECRET": "the webhook's own secret, as it was typed into Razorpay's dashboard in test mode",
    "SLACK_WEBHOOK_URL": "Slack: an incoming webhook of a channel for tests; empty: nothing is posted",
    "FIREBASE_PROJECT_ID": "Firebase's console, a project for development: Project settings, Service accounts",
    "FIREBASE_CLIENT_EMAIL": "the key file of the project's service account: client_email",
    "FIREBASE_PRIVATE_KEY": "the key file of the project's service account: private_key, in double quotes",
    "SSO_ISSUER_URL": "the SSO issuer: a client for development",
    "SSO_CLIENT_ID": "the SSO issuer: a client for development",
    "SSO_CLIENT_SECRET": "the SSO issuer: a client for development",
}


def variables(stack: OtherStack, service: Service, container: Container) -> tuple[Variable, ...]:
    """Return the variables of a container, in the catalog's order: those of its task definition."""
    return tuple(_variables(stack, service, container))


def _variables(stack: OtherStack, service: Service, container: Container) -> Iterator[Variable]:
    for name, value in container.environment.items():
        yield _fixed(service, name, value)
    for name, setting in container.settings.items():
        yield _setting(stack, name, setting)
    for variable in container.secrets:
        yield _secret(stack, service, variable)


def _fixed(service: Service, name: str, value: str) -> Variable:
    if name == "NODE_ENV":
        return Variable(name=name, value=Known("development"), reason="development")
    host, _, port = value.rpartition(":")
    for neighbour in service.containers:
        if host == "127.0.0.1" and port.isdigit() and int(port) in neighbour.ports:
            address = interpolated_upstream(neighbour.name, int(port))
            return Variable(name=name, value=Known(address), reason="neighbour")
    return Variable(name=name, value=Known(value))


def _setting(stack: OtherStack, name: str, setting: Setting) -> Variable:
    if setting is not Setting.TLS_ASK_URL:
        return Variable(name=name, value=Known(str(stack.value(setting.value))))
    ingress, path = asked(stack)
    address = interpolated_upstream(ingress.container, ingress.port)
    return Variable(name=name, value=Known(f"http://{address}{path}"), reason="ask")


def asked(stack: OtherStack) -> tuple[HttpsIngress, str]:
    """Return the way in of the service that says which names may have a certificate, and the path that says so.

    Raises:
        OperatorError: when the URL's host is none of the stack's services.
    """
    url = urlsplit(str(stack.value(Setting.TLS_ASK_URL.value)))
    for service in catalog.SERVICES:
        hostname = stack.value(f"services.{service.name}.hostname")
        if isinstance(service.ingress, HttpsIngress) and hostname == url.hostname:
            return service.ingress, url.path
    raise OperatorError(
        f"{stack.source}: {Setting.TLS_ASK_URL.value}: came {url.geturl()}; allowed: a URL of a service's host name"
    )


def _secret(stack: OtherStack, service: Service, variable: SecretVariable) -> Variable:
    name, key = variable.name, variable.key
    if key == "CLICKHOUSE_USER":
        return Variable(name=name, value=Known(str(stack.value("clickhouse.username"))), reason="store")
    # A service may hold the credentials of a store in its own secret: the same keys.
    stores = [value for (_, store_key), value in _STORES.items() if store_key == key]
    if stores:
        return Variable(name=name, value=stores[0], reason="store")
    if key in _MADE_HERE:
        return Variable(name=name, value=Random(f"{service.name}-{key}".lower().replace("_", "-")), reason="random")
    if key in _BROWSER_ORIGINS:
        return Variable(name=name, value=Known(_BROWSER_ORIGINS[key]), reason="browser")
    source = _SOURCES.get(key, f"the owners of {service.name}; no value of {variable.secret} in AWS")
    return Variable(name=name, value=FilledIn(source), reason="filled in")
