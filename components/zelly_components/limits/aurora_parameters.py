"""The parameters of an Aurora MySQL cluster, as data; imports nothing, so that tools can have them without the SDK."""

from collections.abc import Mapping

_PARAMETERS: Mapping[str, str] = {
    # Refuses every connection without TLS.
    "require_secure_transport": "ON",
    # What MySQL 8.0 defaults to, stated, so that no schema depends on a default.
    "character_set_server": "utf8mb4",
    "collation_server": "utf8mb4_0900_ai_ci",
    # The slow log is off by default, and only logs in files are exported to CloudWatch.
    "slow_query_log": "1",
    "long_query_time": "1",
    "log_output": "FILE",
}
"""All of them are dynamic: a change needs no restart."""

_PARAMETERS_OF_ONE_THAT_PAUSES: Mapping[str, str] = {
    # One open connection keeps a cluster awake ("Situations where Aurora Serverless v2 doesn't auto-pause", Aurora User
    # Guide), and pools keep theirs open, up to 8 hours by default. Aurora takes the smaller of the two for every idle
    # session, interactive or not ("Aurora MySQL configuration parameters").
    "wait_timeout": "600",
    "interactive_timeout": "600",
}


def cluster_parameters(*, pauses: bool) -> Mapping[str, str]:
    """Return the parameters of a cluster's parameter group.

    ``pauses``: whether its minimum capacity is none, so that it stops while nobody is connected.
    """
    return {**_PARAMETERS, **_PARAMETERS_OF_ONE_THAT_PAUSES} if pauses else _PARAMETERS
