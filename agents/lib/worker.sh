# shellcheck shell=dash
# The requests of a worker. They need an open cluster (open_cluster).

# Waits until the master is ready, and sets `master_ip`. Fails after a line that says why.
wait_for_master() {
  pin_is_known=
  start_budget
  until ask_for_master; do
    [ "$status" != 404 ] || check_pin
    if [ "$status" = 404 ] && [ -n "$held" ] && [ "$(now)" -lt "$deadline" ]; then
      say_once "$problem; waiting."
    else
      keep_trying || return
    fi
  done
  master_ip=$value
  is_address "$value" || give_up "the service stores no valid master address"
}

# Asks for both keys on one connection, because a thousand workers may do so at the same time. A service that can hold
# requests holds the first one until the master is ready.
ask_for_master() {
  local asked wait
  asked=$(now)
  wait=$(($(time_for "$((PAIRING_WAIT + 1))") - 1)) # the answer must come before the budget is spent
  add_request "$((wait + 10))" "$cluster_url/keys/master_ready" 'header = "Accept: text/plain"' \
    "header = \"Prefer: wait=$wait\""
  add_request 10 "$cluster_url/keys/master_ip" 'header = "Accept: text/plain"'
  send_requests
  was_held "$asked"
  if read_value master_ready 1 "$status"; then
    read_value master_ip 2 "$later_status" && return
    problem='the master is ready, but has registered no address' fatal=
    [ "$later_status" = 404 ] && return 1
  fi
  explain
  return 1
}

# was_held SINCE: sets `held` if the service really held the request as long as its answer says. Otherwise it must not
# be asked again without a pause.
was_held() {
  local seconds
  held=
  seconds=$(header preference-applied)
  case $seconds in
    wait=[1-9] | wait=[1-9][0-9]) ;;
    *) return ;;
  esac
  [ "$(($(now) - $1))" -lt "$((${seconds#wait=} * 95))" ] || held=yes
}

# ask_for_master cannot distinguish a missing key from an unknown PIN, but only a key can still appear. Keeps the 404,
# with another message, when the PIN is known.
check_pin() {
  [ -n "$pin_is_known" ] || get_cluster || return
  pin_is_known=yes
  status=404 problem='the master is not ready yet' fatal=
}
