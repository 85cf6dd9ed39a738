"""The platform beside its services: frontends, schemas, queues and third parties.

Facts from the platform's overview, its service and its architecture document. Nothing of it is deployed from here.
"""

from dataclasses import dataclass

from zelly_infra.catalog import Call


@dataclass(frozen=True, kw_only=True)
class Frontend:
    """A part of the platform that runs at Cloudflare."""

    name: str
    purpose: str
    technology: str
    runs_on: str
    """The product of Cloudflare's."""
    repository: str
    folder: str = ""
    """Its folder in the repository; empty: the repository itself."""
    calls: tuple[Call, ...] = ()
    """As far as the documents name them."""


@dataclass(frozen=True, kw_only=True)
class ThirdParty:
    """A service of somebody else's."""

    name: str
    calls: tuple[Call, ...] = ()
    """Those that it makes of the platform."""


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A schema of the Aurora cluster. The migrations of the services make it."""

    name: str
    contents: str
    used_by: tuple[str, ...]
    """The services, the one first whose migrations make it."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A BullMQ queue in Redis."""

    name: str
    purpose: str
    producer: str
    consumer: str
    """The service that works it off; the producer itself where it has a worker for it."""


FRONTENDS: tuple[Frontend, ...] = (
    Frontend(
        name="seller-panel",
        purpose="Panel in which merchants look after their store.",
        technology="React, Vite",
        runs_on="Cloudflare Pages",
        repository="seller-panel-react-atlas",
        calls=(Call(to="fastify-nova", purpose="the API of the browser application"),),
    ),
    Frontend(
        name="orion-frontend",
        purpose="Internal staff dashboard.",
        technology="React, Vite",
        runs_on="Cloudflare Pages",
        repository="internal-admin-panel-orion",
        folder="frontend",
        calls=(Call(to="orion-backend", purpose="the API of the browser application"),),
    ),
    Frontend(
        name="zelly-checkout",
        purpose="Checkout. Deployed and managed by its own repository.",
        technology="Workers",
        runs_on="Cloudflare Workers",
        repository="zelly-checkout",
    ),
)
"""The documents do not name what the checkout calls."""

THIRD_PARTIES: tuple[ThirdParty, ...] = (
    ThirdParty(name="Shopify", calls=(Call(to="fastify-nova", purpose="webhooks, which are queued"),)),
    ThirdParty(name="Firebase"),
    ThirdParty(name="Razorpay", calls=(Call(to="fastify-nova", purpose="webhooks on payments"),)),
    ThirdParty(name="Slack"),
    ThirdParty(name="SSO issuer"),
    ThirdParty(name="Let's Encrypt"),
)
"""Those that the documents, or variables of the services, name."""

SCHEMAS: tuple[Schema, ...] = (
    Schema(
        name="astro_primary",
        contents="Orders, catalog, tenants, Shopify config",
        used_by=("fastify-nova", "orion-backend"),
    ),
    Schema(
        name="ecom_store_front",
        contents="Customers, sessions, addresses",
        used_by=("customer-panel", "fastify-nova"),
    ),
    Schema(
        name="backoffice",
        contents="Analytics aggregates, internal reporting",
        used_by=("orion-backend",),
    ),
)

QUEUES: tuple[Queue, ...] = (
    Queue(
        name="store-events",
        purpose="Analytics events → ClickHouse",
        producer="fastify-nova",
        consumer="events-consumer",
    ),
    Queue(
        name="SHOPIFY_WEBHOOK",
        purpose="Incoming Shopify webhook processing",
        producer="fastify-nova",
        consumer="fastify-nova",
    ),
    Queue(
        name="SHOPIFY_SETTINGS_PUSH",
        purpose="Push settings to Shopify",
        producer="fastify-nova",
        consumer="fastify-nova",
    ),
    Queue(
        name="SHOPIFY_SETTINGS_FETCH",
        purpose="Fetch settings from Shopify",
        producer="fastify-nova",
        consumer="fastify-nova",
    ),
    Queue(
        name="SHOPIFY_CATALOG_SYNC", purpose="Sync product catalog", producer="fastify-nova", consumer="fastify-nova"
    ),
)
