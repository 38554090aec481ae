#!/bin/sh
# Watches one program and outlives the operator. The program runs at most once, however often this
# is started for the same directory.
#
# $1: directory of this run. script: what a shell is to do, its last act being the program. Written
# here: token, the process that watches; out and err, what the program prints; status, how it ended.
# The rest of the arguments: the shell that reads the script, inside the container.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
run=$1
shift

read -r stat 2>/dev/null </proc/self/stat || stat=$$
printf '%s\n' "$stat" >"$run/token.$$" || exit 1
# Making a link is atomic, and fails if there is one: who makes it runs the program.
ln "$run/token.$$" "$run/token" 2>/dev/null || exit 97

"$@" <"$run/script" >>"$run/out" 2>>"$run/err"
status=$?

# One write, and read only with its line end.
printf '%s\n' "$status" >"$run/status"
