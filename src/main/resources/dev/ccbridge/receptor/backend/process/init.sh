#!/bin/sh
# The first process of a container's own process namespace: it lives as long as the container, and
# when it is killed the kernel kills everything else in there. It builds the container's view of the
# file system in its own mount namespace, so nothing of the machine's own is changed.
#
# $1: the container's directory

PATH=/usr/sbin:/usr/bin:/sbin:/bin
dir=$1
root=$dir/root

# /proc is still the machine's, so this is our process id as the machine sees it. The link is made
# at most once: of two that were started for one container, because the operator died in between,
# one leaves.
read -r stat </proc/self/stat || exit 1
pid=${stat%% *}
printf '%s\n' "$stat" >"$dir/init.$pid" || exit 1
ln "$dir/init.$pid" "$dir/init" 2>/dev/null || exit 97
exec 3>"$dir/ready" || exit 1

fail() {
  echo "failed: $1" >&3
  exit 1
}

mount -n -t tmpfs -o mode=755,size=1m tmpfs "$root" || fail "mount of the root"
set --
for entry in /*; do
  [ -L "$entry" ] && set -- "$@" "$entry"
done
[ $# -eq 0 ] || cp -P "$@" "$root" || fail "links"

# Other homes stay to be seen: a JDK may be there.
set --
for entry in /* /home/*; do
  case $entry in
  /tmp | /home | /proc | /lost+found | /home/vcap) continue ;;
  esac
  [ -d "$entry" ] && [ ! -L "$entry" ] && set -- "$@" "$entry"
done
(
  umask 022
  for entry; do
    shift
    set -- "$@" "$root$entry"
  done
  mkdir "$root/tmp" "$root/proc" "$root/home" "$root/home/vcap" "$@"
) || fail "directories"

# Nothing of the cell's is to be seen, least of all the files of other containers.
cell=${dir%/*/*}

# All that is to be mounted, one line each, in this order.
list_mounts() {
  hidden=no
  for entry; do
    case $entry in
    /dev | /sys | /run) echo "$entry $root$entry none rbind" ;;
    *) echo "$entry $root$entry none rbind,ro" ;;
    esac
    case $cell/ in "$entry"/*) hidden=yes ;; esac
  done
  if [ "$hidden" = yes ]; then
    echo "tmpfs $root$cell tmpfs mode=000,size=4k"
  fi
  for file in passwd group; do
    [ -f "$dir/$file" ] && [ -f "/etc/$file" ] && echo "$dir/$file $root/etc/$file none bind,ro"
  done
  echo "$dir/home/vcap $root/home/vcap none bind"
  echo "$dir/tmp $root/tmp none bind"
  [ -d /var/tmp ] && echo "$dir/tmp $root/var/tmp none bind"
  echo "proc $root/proc proc defaults"
}

# By one process, as each takes longer than what it does. Fails where this mount cannot do that,
# where a path would have to be quoted or goes over a link, or where one of them is not allowed.
mount_at_once() {
  for path in "$dir" "$@"; do
    case $path in *[[:space:]\\]*) return 1 ;; esac
  done
  [ "$(cd "$cell" && pwd -P)" = "$cell" ] && [ ! -L /var ] && [ ! -L /etc ] || return 1
  list_mounts "$@" >"$dir/mounts" && mount -n -a -T "$dir/mounts" 2>/dev/null
}

# Shows a directory of the machine; what is not needed for running programs cannot be written to.
# What cannot be shown stays empty.
show() {
  case $1 in
  /dev | /sys | /run) mount -n --rbind "$1" "$root$1" ;;
  *) mount -n -o rbind,ro "$1" "$root$1" || mount -n --rbind "$1" "$root$1" ;;
  esac 2>/dev/null
}

# The same one by one, over what may have been mounted already.
mount_each() {
  for entry; do
    show "$entry"
  done
  if [ -d "$root$cell" ]; then
    mount -n -t tmpfs -o mode=000,size=4k tmpfs "$root$cell" || fail "hiding the cell's files"
  fi
  for file in passwd group; do
    if [ -f "$dir/$file" ] && [ -f "$root/etc/$file" ]; then
      mount -n -o bind,ro "$dir/$file" "$root/etc/$file" ||
        mount -n --bind "$dir/$file" "$root/etc/$file" || fail "mount of /etc/$file"
    fi
  done
  mount -n --bind "$dir/home/vcap" "$root/home/vcap" || fail "mount of /home/vcap"
  mount -n --bind "$dir/tmp" "$root/tmp" || fail "mount of /tmp"
  if [ -d "$root/var/tmp" ]; then
    mount -n --bind "$dir/tmp" "$root/var/tmp" || fail "mount of /var/tmp"
  fi
  # Not allowed where parts of /proc are hidden from us; then the machine's own has to do.
  mount -n -t proc proc "$root/proc" 2>/dev/null || mount -n --rbind /proc "$root/proc" ||
    fail "mount of /proc"
}

mount_at_once "$@" || mount_each "$@"

# Waiting also collects the children of programs that have ended.
exec chroot "$root" /bin/sh -c '
  cd / && echo ready >&3
  exec 3>&-
  while :; do
    sleep 86399 &
    wait
  done'
