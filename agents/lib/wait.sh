# shellcheck shell=dash
# Waiting for what the service does not have yet.

# wait_until ASK…: repeats a request within the budget until it succeeds. ASK sets `status`, `held`, `problem` and
# `fatal`. Fails after a line that says why.
wait_until() {
  until "$@"; do
    if [ "$status" = 404 ] && [ -z "$fatal" ] && [ -n "$held" ] && [ "$(now)" -lt "$deadline" ]; then
      say_once "$problem; waiting."
    else
      keep_trying || return
    fi
  done
}

# add_held_request URL [LINE]…: prepares a request that the service is asked to hold. The answer must come before the
# budget is spent.
add_held_request() {
  local url=$1 wait
  shift
  wait=$(($(time_for "$((PAIRING_WAIT + 1))") - 1))
  add_request "$((wait + 10))" "$url" "header = \"Prefer: wait=$wait\"" "$@"
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

# is_pin_known PROBLEM: a 404 does not distinguish something missing from an unknown PIN, but only the former can still
# appear. Keeps the 404, with this problem, when the PIN is known.
is_pin_known() {
  [ -n "$pin_is_known" ] || get_cluster || return
  pin_is_known=yes
  status=404 problem=$1 fatal=
}
