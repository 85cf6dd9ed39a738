#!/bin/bash
# Usage: agent-age STARTED_FILE
#
# Publishes the age of the agent, and ends the agent when it is older than $LONGEST_BUILD_SECONDS: no build of its own can
# still be running, so that whoever was to end it has lost sight of it. The group then wants one instance less; a plain
# shutdown, which the group would answer with a new instance, is for when Auto Scaling does not do it.

set -euo pipefail

started_file=$1

[[ -e $started_file ]] || { mkdir --parents "$(dirname "$started_file")" && date +%s >"$started_file"; }
age=$(($(date +%s) - $(<"$started_file")))

# The age is told before it is acted upon; a metric that is not taken must not keep the agent alive.
aws cloudwatch put-metric-data --namespace "$METRICS_NAMESPACE" --metric-name "$AGE_METRIC" --unit Seconds \
    --dimensions "Group=$GROUP_NAME" --value "$age" || echo "age not published: $age s" >&2

((age > LONGEST_BUILD_SECONDS)) || exit 0

token=$(curl --silent --show-error --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    http://169.254.169.254/latest/api/token)
instance_id=$(curl --silent --show-error --fail --header "X-aws-ec2-metadata-token: $token" \
    http://169.254.169.254/latest/meta-data/instance-id)
echo "$age s old, longer than the longest build: $instance_id ends itself"
if ! retry 3 10 aws autoscaling terminate-instance-in-auto-scaling-group --instance-id "$instance_id" \
    --should-decrement-desired-capacity; then
    echo "Auto Scaling does not end $instance_id: it shuts down" >&2
    systemctl poweroff
fi
