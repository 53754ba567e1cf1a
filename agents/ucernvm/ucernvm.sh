# shellcheck shell=dash
# Pairs a machine in the µCernVM bootloader, once in its life. Sourced in a subshell of the init, after
# the context was fetched and its ucernvm block read into _UCONTEXT_* variables.

# shellcheck source=agents/lib/pairing.sh
. "${PAIRING_ROOT:-}/usr/lib/cernvm-cluster-pairing/pairing.sh"

# Prints in the format of the init.
say() {
  [ "${SILENT:-0}" = 1 ] || printf '[INF] Cluster pairing: %s\n' "$*" | LC_ALL=C tr -cd '\n -~'
}

context_file=$PAIRING_ROOT/user-data
# The init carries the marker over to the machine's disk, where it is found at the next boot. It holds the name with
# which a worker has joined.
marker=$PAIRING_ROOT/ami-contextualized
kept_marker=$PAIRING_ROOT/mnt/.rw/context/ami-contextualized

pair() {
  load_settings
  : "${PAIRING_CA_BUNDLE:=$PAIRING_ROOT/etc/cernvm/ca-bundle.crt}"
  take_context || return
  [ -n "$cluster_pin" ] || return 0
  open_cluster "$cluster_pin" "$cluster_service" || return
  case $cluster_role in
    master)
      register_master && [ -n "$cluster_workers" ] && wait_for_workers "$cluster_workers" &&
        fill_in "$PAIRING_ROOT/" "$worker_ips" "$fact" "$context_file"
      ;;
    worker) wait_for_master && fill_in "$PAIRING_ROOT/" "$master_ip" "$fact" "$context_file" ;;
  esac
  close_cluster
}

# The init has read a block in plain text, or from another source, but not one in a base64 part.
take_context() {
  if [ -n "${_UCONTEXT_CVM_CLUSTER_PIN:-}${_UCONTEXT_CVM_CLUSTER_MASTER:-}" ]; then
    cluster_pin=${_UCONTEXT_CVM_CLUSTER_PIN:-}
    cluster_role=$(role_of "${_UCONTEXT_CVM_CLUSTER_MASTER:-}")
    cluster_service=${_UCONTEXT_CVM_SERVICE_URL:-}
    cluster_interface=${_UCONTEXT_CVM_CLUSTER_INTERFACE:-}
    cluster_workers=${_UCONTEXT_CVM_CLUSTER_WORKERS:-}
    check_context
  else
    read_context "$context_file"
  fi
}

remember_member() { member="$cluster_pin $member_name $member_address"; }

if [ -f "$context_file" ] && [ ! -e "$kept_marker" ]; then
  member=
  pair
  (umask 077 && { [ -z "$member" ] || echo "$member"; } >"$marker")
fi
