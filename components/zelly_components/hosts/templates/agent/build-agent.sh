#!/bin/bash
# Usage: build-agent AUTHORIZED_KEYS AWS_CONFIG
#
# Makes the host an agent that Jenkins logs in to: Java, Git and Docker, a user "jenkins" who may use Docker, and whom the
# keys in AUTHORIZED_KEYS let in. The keys come last: nobody is let in before everything is there.

set -euo pipefail

authorized_keys=$1
aws_config=$2

host-packages docker git-core java-21-amazon-corretto-headless
systemctl enable --now --quiet docker.service
# Amazon Linux has no package of it: the image of the agents brings it.
docker compose version

id jenkins >/dev/null 2>&1 || useradd --create-home --groups docker jenkins
home=$(getent passwd jenkins | cut --delimiter=: --fields=6)
install --directory --owner=jenkins --group=jenkins --mode=0700 "$home/.aws" "$home/.ssh" "$home/agent"
install --owner=jenkins --group=jenkins --mode=0600 "$aws_config" "$home/.aws/config"
install --owner=jenkins --group=jenkins --mode=0600 "$authorized_keys" "$home/.ssh/authorized_keys"
echo "agent is ready"
