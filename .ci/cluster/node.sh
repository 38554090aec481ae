# The first process of a real node. cluster puts the variables before it and
# runs it as PID 1 of new namespaces; all that it mounts, sets and starts ends
# with it.
set -euo pipefail
umask 022
n=$dir/node

mount --make-rshared / # the kubelet passes mounts on to containers; the machine outside sees none of them

# Private folders where programs insist on fixed places.
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/log
mkdir -p /run/lock /run/containerd /run/cni-ipam /run/var-lib/{kubelet,cni,etcd}
for d in kubelet cni; do
  mkdir -p "/var/lib/$d"
  mount --bind "/run/var-lib/$d" "/var/lib/$d"
done
mkdir -p /tmp/hostpath_pv && mount --bind "$n/pv" /tmp/hostpath_pv

# The kubelet sets machine-wide kernel values. Show it the values that it wants,
# so that the machine keeps its own.
fake() {
  [[ -e /proc/sys/$1 ]] || return 0
  printf '%s\n' "$2" >"$n/fake/${1//\//_}"
  mount --bind "$n/fake/${1//\//_}" "/proc/sys/$1"
}
fake vm/overcommit_memory 1
fake vm/panic_on_oom 0
fake kernel/panic 10
fake kernel/panic_on_oops 1
fake kernel/keys/root_maxkeys 1000000
fake kernel/keys/root_maxbytes 25000000

# The node's own network: loopback, one address to be known by, nothing else.
hostname "$node_name"
ip link set lo up
ip link add node0 type bridge
ip addr add "$node_ip/32" dev node0
ip link set node0 up
ip route add "$service_cidr" dev node0 src "$node_ip"
echo 1 >/proc/sys/net/ipv4/ip_forward

trap 'exit 143' TERM
start() {
  local name=$1
  shift
  (
    "$@" >"$dir/log/$name.log" 2>&1 </dev/null || true
    echo "$name" >>"$n/ended"
  ) &
}
export PATH=$programs:$PATH
start containerd "${containerd[@]}"
start etcd "${etcd[@]}"
start kube-apiserver "${apiserver[@]}"
echo yes >"$n/started"

api() { curl -s --fail --max-time 5 --noproxy '*' --cacert "$dir/pki/ca.crt" --cert "$dir/pki/admin.crt" --key "$dir/pki/admin.key" "https://127.0.0.1:6443$1" >/dev/null; }
ctr_() { ctr --address /run/containerd/containerd.sock --namespace k8s.io "$@"; }
(
  until ctr_ version >/dev/null 2>&1; do sleep 0.1; done
  for f in "$n"/img/*.tar; do ctr_ images import "$f"; done >"$dir/log/images.log" 2>&1
  : >"$n/images-loaded"
) &
until api /readyz; do sleep 0.1; done
start kube-controller-manager "${manager[@]}"
start kube-scheduler "${scheduler[@]}"
until [[ -e $n/images-loaded ]]; do sleep 0.1; done
start kubelet "${kubelet[@]}"
start kube-proxy "${proxy[@]}"
start coredns "${dns[@]}"

# New host-path volumes belong to root alone; let Pods that run as others write.
(
  shopt -s nullglob
  while sleep 0.3; do
    for v in "$n"/pv/*/; do [[ -k $v ]] || chmod 1777 "$v" || true; done
  done
) &

# PID 1 adopts orphans; bash reaps them while it waits.
while :; do wait -n || true; sleep 0.2; done
