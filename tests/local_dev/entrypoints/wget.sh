#!/bin/sh
exec busybox wget "$@"
