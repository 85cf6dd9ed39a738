"""The shop on a developer's machine: an application with migrations, a worker, a proxy, a dashboard, and stores."""

from pathlib import Path

from workbench.local_dev.model import (
    APPLICATIONS,
    EDGE,
    FOLDER_PLACEHOLDER,
    MOUNTED_AUTHORITY,
    TOOLS,
    Application,
    Build,
    ClickHouse,
    HealthCheck,
    LocalPlatform,
    MySql,
    OnDemandNames,
    Port,
    Proxy,
    Redis,
    Repository,
    Schema,
    Store,
    interpolated_upstream,
    upstream_variable,
)
from workbench.local_dev.values import FilledIn, Known, Random, Value, Variable

WEB_PORT, PROXY_PORT, DASHBOARD_PORT = 23000, 23080, 23010
MYSQL_PORT, REDIS_PORT, CLICKHOUSE_PORT = 23306, 26379, 28123
"""Published; nobody else's, so that tests can have them."""


def local_platform(_root: Path) -> LocalPlatform:
    return LocalPlatform(
        name="sample",
        title="the sample shop",
        domain="sample.localhost",
        stack="trial",
        stores=_stores(),
        applications=(_web(), _worker(), _proxy(), _dashboard()),
        proxy=Proxy(
            application="proxy",
            configuration="/etc/caddy/Caddyfile",
            health_port=8081,
            health_path="/health",
            on_demand=OnDemandNames(label="shops", application="web", asked="web", ask_path="/ask"),
        ),
        repositories=(
            Repository(name="shop-web", url="git@shop.example:shop-web.git", purpose="The shop.", is_needed=True),
            Repository(name="shop-worker", url="git@shop.example:shop-worker.git", purpose="Jobs.", is_needed=True),
            Repository(name="shop-pages", url="git@shop.example:shop-pages.git", purpose="Pages.", is_needed=False),
        ),
    )


def _stores() -> tuple[Store, ...]:
    return (
        MySql(
            name="mysql",
            purpose="Orders.",
            image="mysql:8.0.42",
            memory_mib=1024,
            ports=(Port(container=MySql.port, published=MYSQL_PORT),),
            user="shop",
            schemas=(Schema(name="shop", owner="web"),),
            settings={"character_set_server": "utf8mb4", "collation_server": "utf8mb4_0900_ai_ci"},
        ),
        Redis(
            name="redis",
            purpose="Queues.",
            image="redis:7.0.15",
            memory_mib=256,
            ports=(Port(container=Redis.port, published=REDIS_PORT),),
            engine="redis",
            settings={},
            data_memory_mib=128,
        ),
        ClickHouse(
            name="clickhouse",
            purpose="Analytics.",
            image="clickhouse/clickhouse-server:24.3",
            memory_mib=1024,
            ports=(Port(container=ClickHouse.http_port, published=CLICKHOUSE_PORT),),
            user="shop",
            statements=Build(repository="shop-worker", folder="init"),
        ),
    )


def _variables(**values: Value) -> tuple[Variable, ...]:
    return tuple(Variable(name=name, value=value) for name, value in values.items())


_AUTHORITY = _variables(
    NODE_EXTRA_CA_CERTS=Known(MOUNTED_AUTHORITY, on_host=f"{FOLDER_PLACEHOLDER}{MOUNTED_AUTHORITY}")
)
_CHECK = HealthCheck(command=("CMD", "true"))


def _web() -> Application:
    return Application(
        name="web",
        purpose="The shop.",
        memory_mib=512,
        ports=(Port(container=3000, published=WEB_PORT),),
        profile=APPLICATIONS,
        environment=_variables(
            DB_HOST=Known("mysql", on_host="127.0.0.1"),
            DB_PASSWORD=Random(MySql.password),
            REDIS_PASSWORD=Random(Redis.password),
            SESSION_KEY=Random("session-key", characters=48),
            MAIL_URL=FilledIn("the mail service: a key for tests"),
        ),
        additions=_AUTHORITY,
        build=Build(repository="shop-web", folder="app"),
        health_check=_CHECK,
        stores=("mysql", "redis"),
        schemas=("shop",),
        migration=("npm", "run", "migrate"),
        host_label="www",
        reached_port=3000,
    )


def _worker() -> Application:
    return Application(
        name="worker",
        purpose="Jobs.",
        memory_mib=256,
        profile=APPLICATIONS,
        environment=_variables(REDIS_PASSWORD=Random(Redis.password), CLICKHOUSE_PASSWORD=Random(ClickHouse.password)),
        additions=_AUTHORITY,
        build=Build(repository="shop-worker"),
        health_check=None,
        not_checked="It answers nobody.",
        stores=("redis", "clickhouse"),
    )


def _proxy() -> Application:
    return Application(
        name="proxy",
        purpose="Ends HTTPS.",
        memory_mib=128,
        ports=(Port(container=443, published=PROXY_PORT),),
        profile=EDGE,
        environment=_variables(UPSTREAM=Known(interpolated_upstream("web", 3000))),
        additions=_variables(**{upstream_variable("web"): Known(interpolated_upstream("web", 3000))}),
        build=Build(repository=None, folder="images/proxy"),
        health_check=_CHECK,
        starts_after=("web",),
    )


def _dashboard() -> Application:
    return Application(
        name="dashboard",
        purpose="Shows the queues.",
        memory_mib=128,
        ports=(Port(container=3000, published=DASHBOARD_PORT),),
        profile=TOOLS,
        environment=_variables(REDIS_PASSWORD=Random(Redis.password)),
        image="queues:1",
        health_check=_CHECK,
        stores=("redis",),
    )
