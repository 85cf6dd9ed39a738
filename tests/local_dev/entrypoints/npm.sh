#!/bin/sh
# In place of npm in the image of an application: hands the name of the script to its stand-in.
exec node /usr/src/application/application.mjs "$@"
