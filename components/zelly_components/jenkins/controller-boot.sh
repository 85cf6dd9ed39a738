#!/bin/bash
#
# The controller's entry point: it refuses a home that is not one, and then does what the image's own entry point does.
#
# A file system that was mounted empty (another one, another directory) would otherwise become a new home without a word:
# jobs, history and credentials would seem lost, and builds would begin to go there. So a home carries a mark. It is made
# in an empty one alone, and until $HOME_MAY_BE_EMPTY_UNTIL (YYYY-MM-DD, UTC) alone: the day on which there is none yet.

set -euo pipefail

mark=$JENKINS_HOME/.this-is-a-home

refuse() {
    echo "home: $1; the controller does not start" >&2
    exit 78
}

if [[ ! -e $mark ]]; then
    if [[ -n $(ls --almost-all "$JENKINS_HOME") ]]; then
        refuse "$JENKINS_HOME has files and no mark: it is another directory than the controller's, or came without it"
    fi
    if [[ -z ${HOME_MAY_BE_EMPTY_UNTIL:-} ]]; then
        refuse "$JENKINS_HOME is empty, and no day is set until which it may be"
    fi
    if [[ $(date --utc +%F) > $HOME_MAY_BE_EMPTY_UNTIL ]]; then
        refuse "$JENKINS_HOME is empty, which it may have been until $HOME_MAY_BE_EMPTY_UNTIL"
    fi
    date --utc +%FT%TZ >"$mark"
    echo "home: $JENKINS_HOME is new, and marked"
fi

exec "${CONTROLLER_PROGRAM:-/usr/local/bin/jenkins.sh}"
