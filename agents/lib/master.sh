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

# wait_for_workers NUMBER: waits until so many workers wait for this master, and sets `worker_ips` to their addresses
# and `fact` to a line about them. When the time is up it takes those that have come. Fails after a line that says why.
wait_for_workers() {
  pin_is_known='' worker_ips=''
  # Workers wait for as long as the whole budget: half of it leaves them the time that this machine needs to boot.
  start_budget "$((PAIRING_BUDGET / 2))"
  if wait_until ask_for_workers "$1"; then
    fact="the list of $members workers is complete"
  else
    # shellcheck disable=SC2154 # fatal is set by wait_until
    [ -z "$fatal" ] && start_budget 10 && list_members waiting && [ "$members" -gt 0 ] || return
    fact="the list has $members of $1 workers"
  fi
}

ask_for_workers() { # NUMBER
  local asked
  asked=$(now)
  add_held_request "$cluster_url/members?state=waiting&at_least=$1" 'header = "Accept: text/plain"' "$MEMBERS_SIZE"
  send_requests
  was_held "$asked"
  read_members && return
  explain_members "fewer than $1 workers have joined"
  return 1
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
