#!/bin/sh
# Ends the LRP instances of a cell when the cell is gone without having ended them. Tasks are not on
# the leash: they outlive the cell.
#
# $1: which life of the cell this is; a container whose file "leash" says the same belongs to it.
# Standard input: a pipe whose other end only the cell has, so that it closes when the cell dies.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap '' HUP INT TERM
read -r never

# What a program has started since it was looked for is found in the next round.
for round in 1 2 3 4 5 6 7 8 9 10; do
  found=
  for process in /proc/[0-9]*; do
    directory=$(tr '\0' '\n' <"$process/environ" |
      sed -n -e 's/^CCBRIDGE_CONTAINER=//p' -e 's/^CCBRIDGE_WATCHER=//p' | head -n 1)
    [ -n "$directory" ] || continue
    life=
    read -r life <"$directory/leash" || continue
    [ "$life" = "$1" ] && kill -KILL "${process#/proc/}" && found=yes
  done
  [ -n "$found" ] || exit 0
done 2>/dev/null
