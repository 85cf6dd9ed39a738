"""Names of the metrics of build agents in CloudWatch, written by the agents, read by alarms."""

AGENT_NAMESPACE = "BuildAgents"
"""Every metric in it has the dimension ``Group``, the name of the Auto Scaling group."""

AGE = "AgeSeconds"
"""The time since the agent booted."""
