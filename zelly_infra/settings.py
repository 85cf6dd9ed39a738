"""The values of the environment config that containers need in their environment."""

from zelly_infra.catalog import Setting
from zelly_infra.config_sections import Storefront


def setting_value(storefront: Storefront, setting: Setting) -> str:
    """Return the value of a setting."""
    return {Setting.TLS_ASK_URL: storefront.ask_url, Setting.ACME_EMAIL: storefront.acme_email}[setting]
