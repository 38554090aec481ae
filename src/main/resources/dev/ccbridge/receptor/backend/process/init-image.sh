#!/bin/sh
# As init.sh, with the files of an image in the place of the machine's. Nothing is run from the image
# and no path is looked up in it before its root is ours: every place that something is mounted on is
# a directory or file of the uppermost layer but one, which we made, and no link of the image's.
#
# $1: the container's directory. $2: options of an overlay; empty: the files are in "copy". $3: the
# command that runs a tool, but for the tool's name. The rest: pairs of what is shown of the machine,
# and where.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
dir=$1
overlay=$2
tool=$3
shift 3
root=$dir/root

read -r stat </proc/self/stat || exit 1
pid=${stat%% *}
printf '%s\n' "$stat" >"$dir/init.$pid" || exit 1
ln "$dir/init.$pid" "$dir/init" 2>/dev/null || exit 97
exec 3>"$dir/ready" || exit 1

fail() {
  echo "failed: $1" >&3
  exit 1
}

if [ -n "$overlay" ]; then
  mount -n -t overlay -o "$overlay" overlay "$root" || fail "overlay mount of the image"
else
  mount -n --bind "$dir/copy" "$root" || fail "mount of the image"
fi

dev=$root/dev
mount -n -t tmpfs -o mode=755,size=1m tmpfs "$dev" || fail "mount of /dev"
for name in null zero full random urandom tty; do
  : >"$dev/$name" && mount -n --bind "/dev/$name" "$dev/$name" || fail "mount of /dev/$name"
done
mkdir "$dev/shm" "$dev/pts" || fail "directories of /dev"
mount -n -t tmpfs -o mode=1777,size=64m tmpfs "$dev/shm" || fail "mount of /dev/shm"
# Without it there are no terminals, which few apps miss.
mount -n -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$dev/pts" 2>/dev/null &&
  ln -s pts/ptmx "$dev/ptmx"
ln -s /proc/self/fd "$dev/fd" && ln -s fd/0 "$dev/stdin" && ln -s fd/1 "$dev/stdout" &&
  ln -s fd/2 "$dev/stderr" || fail "links of /dev"

mount -n --bind "$dir/home/vcap" "$root/home/vcap" || fail "mount of /home/vcap"
mount -n --bind "$dir/tmp" "$root/tmp" || fail "mount of /tmp"
while [ $# -gt 1 ]; do
  mode=,ro
  # Its own control groups are for a program to join.
  case $2 in /.cc-bridge/memory | /.cc-bridge/processes) mode= ;; esac
  mount -n -o "bind$mode" "$1" "$root$2" 2>/dev/null || mount -n --bind "$1" "$root$2" ||
    fail "showing $1"
  shift 2
done
mount -n -t proc proc "$root/proc" 2>/dev/null || mount -n --rbind /proc "$root/proc" ||
  fail "mount of /proc"

cd "$root" && pivot_root . .cc-bridge/old || fail "change of the root"

# The machine's tools are gone with its root; those shown to us need their own loader.
# shellcheck disable=SC2086
exec ${tool}sh -c '
  cd / && '"$tool"'umount -n -l /.cc-bridge/old || { echo "failed: hiding the machine" >&3; exit 1; }
  echo ready >&3
  exec 3>&-
  while :; do
    '"$tool"'sleep 86399 &
    wait
  done'
