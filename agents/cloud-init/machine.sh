# shellcheck shell=dash
# Shared by both services: the context of the machine, and the stored result of an earlier boot.

# shellcheck source=agents/lib/pairing.sh
. "${PAIRING_ROOT:-}/usr/lib/cernvm-cluster-pairing/pairing.sh"

instance=$PAIRING_ROOT/var/lib/cloud/instance

# Reads the context from where cloud-init keeps it, as it came or else with what it includes, or from where
# the µCernVM bootloader leaves it. Without a context, the machine does not pair.
read_machine_context() {
  local file
  cluster_pin=
  for file in "$instance/user-data.txt" "$instance/user-data.txt.i" \
    "$PAIRING_ROOT/mnt/.rw/context/user-data"; do
    [ -r "$file" ] || continue
    read_context "$file" || return
    [ -z "$cluster_pin" ] || return 0
  done
}

# cloud-init writes its files again at every boot, but a PIN is valid for a day only. So the result
# is stored beside them, for as long as the machine is the same instance.
memory=$instance/cluster-pairing

# remember WORD: for a worker the address of its master; for a master `registered`, or the addresses of its workers.
remember() {
  known=$1
  if [ -d "$instance" ]; then (umask 077 && echo "$cluster_pin $1" >"$memory"); fi
}

# Sets `known` to what an earlier boot remembered for this PIN; fails when there is nothing.
recall() {
  local pin
  [ -r "$memory" ] && read -r pin known <"$memory" && [ "$pin" = "$cluster_pin" ] && [ -n "$known" ]
}

# The name and the address with which this machine joined its cluster. The µCernVM bootloader leaves them in its marker.
member_memory=$instance/cluster-member
bootloader_memory=$PAIRING_ROOT/mnt/.rw/context/ami-contextualized

remember_member() {
  if [ -d "$instance" ]; then (umask 077 && echo "$cluster_pin $member_name $member_address" >"$member_memory"); fi
}

recall_member() {
  local file pin name address
  for file in "$member_memory" "$bootloader_memory"; do
    [ -r "$file" ] && read -r pin name address <"$file" && [ "$pin" = "$cluster_pin" ] && [ -n "$address" ] || continue
    member_name=$name member_address=$address
    return
  done
}

# For the command cernvm-cluster: readable by root and, if there is such a group, by the members of cernvm-cluster.
stored_context=$PAIRING_ROOT/run/cernvm-cluster/context

store_context() {
  mkdir -p "${stored_context%/*}" && (
    umask 077
    printf '%s\n' '[ucernvm-begin]' "cvm_cluster_pin=$cluster_pin" \
      "cvm_cluster_master=$([ "$cluster_role" = worker ] || echo yes)" \
      "cvm_service_url=$cluster_service" "cvm_cluster_workers=$cluster_workers" '[ucernvm-end]' >"$stored_context"
  ) && { ! chgrp cernvm-cluster "$stored_context" 2>/dev/null || chmod 640 "$stored_context"; }
}
