# shellcheck shell=dash
# The requests of a master. They need an open cluster (open_cluster).

# Registers this machine's address. Fails after a line that says why.
register_master() {
  local interface=${cluster_interface:-$PAIRING_INTERFACE} address
  address=$(own_address "$interface")
  is_address "$address" || {
    give_up "no address found on ${interface:-any interface}"
    return
  }
  start_budget
  until post_key master_ip "$address"; do
    if [ "$status" = 409 ] && get_key master_ip; then
      # Either an answer to this machine was lost, or there is another master: the value shows which.
      [ "$value" != "$address" ] || break
      problem='another machine is the master of this PIN already (HTTP 409)' fatal=yes
    fi
    keep_trying || return
  done
  say "registered $address as the master's address."
}

# announce KEY VALUE: tells the workers how the boot of their master has ended.
announce() {
  start_budget
  until post_key "$1" "$2"; do
    [ "$status" != 409 ] || ! get_key "$1" || break # announced in an earlier boot
    keep_trying || return
  done
  say "announced $1."
}
