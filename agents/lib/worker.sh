# shellcheck shell=dash
# The requests of a worker. They need an open cluster (open_cluster).

# Joins the cluster, waits until the master is ready, and sets `master_ip` and `fact`, a line about it. Fails after a line
# that says why.
wait_for_master() {
  pin_is_known='' joining=yes
  start_budget
  wait_until ask_as_worker || return
  master_ip=$value fact="the master is $value"
  is_address "$value" || give_up "the service stores no valid master address"
}

# A service that cannot be reached to join is not asked for the master in the same try.
ask_as_worker() {
  [ -z "$joining" ] || join_cluster || return
  ask_for_master
}

# Makes this machine a member that waits, as far as that is possible: pairing works without it, so the only failures are
# no answer at all and an unknown PIN. It is repeated once, in the second try, because another machine may have taken
# the same name at the same moment.
join_cluster() {
  held=
  if put_member waiting; then
    pin_is_known=yes
    if [ "$joining" = yes ]; then joining=again; else joining=; fi
  elif [ "$status" = 000 ]; then
    return 1
  elif [ "$status" = 404 ]; then # an unknown PIN, or a service without members
    joining=
    if get_cluster; then pin_is_known=yes; else [ -z "$fatal" ]; fi
  elif [ -n "$fatal" ]; then
    joining=
    say "not among the members of the cluster: $problem."
  fi
}

# Asks for both keys on one connection, because a thousand workers may do so at the same time. A service that can hold
# requests holds the first one until the master is ready.
ask_for_master() {
  local asked
  asked=$(now)
  add_held_request "$cluster_url/keys/master_ready" 'header = "Accept: text/plain"'
  add_request 10 "$cluster_url/keys/master_ip" 'header = "Accept: text/plain"'
  send_requests
  was_held "$asked"
  if read_value master_ready 1 "$status"; then
    read_value master_ip 2 "$later_status" && return
    problem='the master is ready, but has registered no address' fatal=
    [ "$later_status" = 404 ] && return 1
  fi
  explain
  [ "$status" != 404 ] || master_has_failed || is_pin_known 'the master is not ready yet'
  return 1
}

# Sets `problem` to the reason of the master, if it has announced that its boot failed.
master_has_failed() {
  [ "$(header cluster-state)" = failed ] || return
  get_key master_failed || {
    status=404 # it may just have been corrected
    return 1
  }
  problem="the master has failed: $value" status=404 fatal=yes
}
