"""``Caddyfile``: HTTPS for every host name, with certificates of the machine's own authority."""

from collections.abc import Iterator

from workbench.local_dev.model import AUTHORITY, CERTIFICATES, LocalPlatform, upstream_variable

_GLOBAL = """\
{{
	email {{$ACME_EMAIL}}

	http_port {{$HTTP_PORT:80}}
	https_port {{$HTTPS_PORT:443}}

	admin off
	persist_config off
	# Pages of development servers hold their connections open for ever.
	grace_period 5s

	# UDP is not published, so HTTP/3 would be announced in vain.
	servers {{
		protocols h1 h2
	}}

	# Caddy's own authority signs with the root that this machine trusts already.
	local_certs
	skip_install_trust
	pki {{
		ca local {{
			root {{
				cert {{$CERTIFICATES:/{certificates}}}/{authority}.pem
				key {{$CERTIFICATES:/{certificates}}}/{authority}.key
			}}
		}}
	}}

	# The same question as in AWS. There is no name that nobody is asked about.
	on_demand_tls {{
		ask {{$ON_DEMAND_TLS_ASK_URL}}
	}}

	# Query strings and headers carry tokens and cookies: they are not written down here either.
	log {{
		output stdout
		format filter {{
			wrap console
			request>uri regexp \\?.* ?[...]
			request>headers delete
			resp_headers delete
		}}
	}}
}}

# No Strict-Transport-Security: a browser would hold this machine's names to it for long.
(proxy) {{
	log
	header {{
		X-Content-Type-Options nosniff
		?Referrer-Policy strict-origin-when-cross-origin
		?X-Frame-Options SAMEORIGIN
		-Server
		-Via
		-X-Powered-By
	}}
	reverse_proxy {{args[0]}} {{
		header_up X-Real-IP {{remote_host}}
		header_up -Forwarded
		header_up -X-Forwarded-Port
		header_up -X-Client-IP
		header_up -True-Client-IP
		header_up -CF-Connecting-IP
		transport http {{
			dial_timeout 3s
		}}
	}}
	# Who reads it is the developer: it says who did not answer.
	handle_errors {{
		respond "{{err.status_code}} from {{args[0]}}: {{err.message}}" {{err.status_code}}
	}}
}}
"""

_SITE = """
{address} {{
	import proxy {upstream}
}}
"""

_ON_DEMAND = """
# *.{label}.{domain}, and any other name that leads to this machine: {asked} says whether it is a merchant's.
https:// {{
	tls {{
		on_demand
	}}
	import proxy {upstream}
}}
"""

_HEALTH = """
http://:{{$HEALTH_PORT:{port}}} {{
	respond {path} "ok" 200
	respond 404
}}
"""


def caddyfile(platform: LocalPlatform) -> str:
    """Return the file's text, without the line that says what writes it."""
    proxy = platform.proxy
    return "".join(
        (
            _GLOBAL.format(certificates=CERTIFICATES, authority=AUTHORITY),
            *_sites(platform),
            _ON_DEMAND.format(
                label=proxy.on_demand.label,
                domain=platform.domain,
                asked=proxy.on_demand.asked,
                upstream="{$UPSTREAM}",
            ),
            _HEALTH.format(port=proxy.health_port, path=proxy.health_path),
        )
    )


def _sites(platform: LocalPlatform) -> Iterator[str]:
    for application in platform.applications:
        if (host_name := platform.host_name(application)) is not None:
            yield _SITE.format(address=host_name, upstream=f"{{${upstream_variable(application.name)}}}")
