"""A schema of exactly the keys of Jenkins' configuration as code that the controller uses.

An unknown key, or a value of another kind, keeps a controller from starting. There is no schema to be had without a
running controller, so that this one is written down by hand, each part after the documentation that it names.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

TEXT, NUMBER, YES_OR_NO = "text", "a whole number", "true or false"
_AGENTS: Mapping[str, Any] = {
    "name": TEXT,
    "labelString": TEXT,
    "fleet": TEXT,
    "region": TEXT,
    "minSize": NUMBER,
    "maxSize": NUMBER,
    "minSpareSize": NUMBER,
    "numExecutors": NUMBER,
    "maxTotalUses": NUMBER,
    "idleMinutes": NUMBER,
    "initOnlineTimeoutSec": NUMBER,
    "noDelayProvision": YES_OR_NO,
    "addNodeOnlyIfRunning": YES_OR_NO,
    "disableTaskResubmit": YES_OR_NO,
    "alwaysReconnect": YES_OR_NO,
    "restrictUsage": YES_OR_NO,
    "privateIpUsed": YES_OR_NO,
    "fsRoot": TEXT,
    # Of ssh-slaves.
    "computerConnector": {
        "sSHConnector": {
            "credentialsId": TEXT,
            "port": NUMBER,
            "launchTimeoutSeconds": NUMBER,
            "maxNumRetries": NUMBER,
            "retryWaitTime": NUMBER,
            "sshHostKeyVerificationStrategy": ("nonVerifyingKeyVerificationStrategy",),
        }
    },
}
"""jenkinsci/ec2-fleet-plugin, docs/CONFIGURATION-AS-CODE.md, by the name that version 4 has for the cloud."""

SCHEMA: Mapping[str, Any] = {
    # jenkinsci/configuration-as-code-plugin, demos/jenkins.
    "jenkins": {
        "systemMessage": TEXT,
        "numExecutors": NUMBER,
        "mode": ("EXCLUSIVE", "NORMAL"),
        "globalNodeProperties": [{"envVars": {"env": [{"key": TEXT, "value": TEXT}]}}],
        "clouds": [{"eC2Fleet": _AGENTS}],
        # jenkinsci/github-oauth-plugin, README.
        "securityRealm": {
            "github": {
                "githubWebUri": TEXT,
                "githubApiUri": TEXT,
                "clientID": TEXT,
                "clientSecret": TEXT,
                "oauthScopes": TEXT,
            }
        },
        # jenkinsci/configuration-as-code-plugin, demos/global-matrix-auth: since version 3.2 of matrix-auth.
        "authorizationStrategy": {"globalMatrix": {"entries": [{"group": {"name": TEXT, "permissions": [TEXT]}}]}},
    },
    "unclassified": {
        "location": {"url": TEXT},
        # Of github.
        "gitHubPluginConfig": {"hookSecretConfigs": [{"credentialsId": TEXT}]},
    },
    # jenkinsci/configuration-as-code-plugin, demos/credentials; github-branch-source-plugin, docs/github-app.adoc.
    "credentials": {
        "system": {
            "domainCredentials": [
                {
                    "credentials": [
                        {
                            "basicSSHUserPrivateKey": {
                                "scope": ("SYSTEM",),
                                "id": TEXT,
                                "description": TEXT,
                                "username": TEXT,
                                "privateKeySource": {"directEntry": {"privateKey": TEXT}},
                            },
                            "string": {"scope": ("SYSTEM",), "id": TEXT, "description": TEXT, "secret": TEXT},
                            "gitHubApp": {
                                "scope": ("GLOBAL",),
                                "id": TEXT,
                                "description": TEXT,
                                "appID": TEXT,
                                "privateKey": TEXT,
                            },
                        }
                    ]
                }
            ]
        }
    },
    # jenkinsci/job-dsl-plugin, docs/JCasC.md.
    "jobs": [{"file": TEXT}],
}

PLUGINS = frozenset(
    {
        "configuration-as-code",
        "credentials",
        "ec2-fleet",
        "github",
        "github-branch-source",
        "github-oauth",
        "job-dsl",
        "matrix-auth",
        "plain-credentials",
        "ssh-credentials",
        "ssh-slaves",
    }
)
"""The plugins whose keys these are."""

BENEATH = frozenset({"branch-api", "cloudbees-folder", "workflow-cps"})
"""Plugins that others of the list stand on, in the version of the project's own image: what they read of a home in an
older version than another one wrote is lost."""


def faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a controller would refuse in a configuration, with its place."""
    yield from _faults(document, SCHEMA, "")


def _faults(value: Any, schema: Any, where: str) -> Iterator[str]:
    if isinstance(schema, Mapping):
        known = cast(Mapping[str, Any], schema)
        if not isinstance(value, Mapping):
            yield f"{where}: came {value!r}; allowed: {', '.join(known)}"
            return
        for key, inner in cast(Mapping[str, Any], value).items():
            place = f"{where}.{key}".lstrip(".")
            if key in known:
                yield from _faults(inner, known[key], place)
            else:
                yield f"{place}: unknown"
    elif isinstance(schema, list):
        (each,) = cast(list[Any], schema)
        for position, inner in enumerate(cast(list[Any], value)):
            yield from _faults(inner, each, f"{where}[{position}]")
    elif not _is_one(value, schema):
        allowed = schema if isinstance(schema, str) else ", ".join(cast(tuple[str, ...], schema))
        yield f"{where}: came {value!r}; allowed: {allowed}"


def _is_one(value: Any, kind: Any) -> bool:
    # What comes out of the environment is text in the file, and is converted.
    if kind == NUMBER:
        return type(value) is int or (isinstance(value, str) and value.startswith("${"))
    if kind == YES_OR_NO:
        return isinstance(value, bool)
    return isinstance(value, str) and (kind == TEXT or value in kind)
