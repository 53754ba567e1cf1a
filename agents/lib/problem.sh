# shellcheck shell=dash
# What a failed request means, in words for people, and whether to try it again.

# Sets `problem` to a sentence on the last answer that says what to check, and `fatal` if another try would get the
# same answer. Only an answer of the service itself can be fatal: a wrong server at its address may be temporary.
explain() {
  fatal=
  case $status in
    000) explain_curl ;;
    2??) problem="$service_url answers, but not as the pairing service does (is cvm_service_url right?)" ;;
    3??) problem="$service_url redirects to $(header location): name that in cvm_service_url (HTTP $status)" ;;
    400)
      problem='the service refuses what it was sent (HTTP 400)' fatal=yes
      is_our_body '"code":"invalid-body"' '"(key|value)":\["' || not_our_body
      ;;
    404)
      problem='the service does not know this PIN: mistyped, revoked, or older than a day (HTTP 404)' fatal=yes
      is_our_body '"code":"not-found"' '"detail":"Notfound\."' || not_our_body
      ;;
    409)
      problem='the cluster has another value already (HTTP 409)' fatal=yes
      is_our_body '"code":"(key-exists|cluster-full)"' || not_our_body
      ;;
    429) problem='too many requests with unknown PINs from this network (HTTP 429)' ;;
    503) problem='the service is not available at the moment (HTTP 503)' ;;
    *) problem="$service_url answers HTTP $status" ;;
  esac
  problem=$problem${asked_to_wait:+, asked to wait $asked_to_wait s}
}

# is_our_body OURS [OLD]: whether the body is JSON of this service with OURS in it, or begins with OLD, as an answer
# of the old service does.
is_our_body() {
  [ -r "$scratch/body.1" ] && tr -d ' \r\n' <"$scratch/body.1" >"$scratch/compact" || return
  grep -Eq "^[{].*$1" "$scratch/compact" || { [ -n "${2:-}" ] && grep -Eq "^[{]$2" "$scratch/compact"; }
}

not_our_body() {
  problem="there is no pairing service at $service_url (is cvm_service_url right? HTTP $status)" fatal=
}

# The numbers are curl's exit codes.
explain_curl() {
  local bundle=${PAIRING_CA_BUNDLE:-the CA certificates of this system}
  case $curl_exit in
    5 | 6) problem="the name in $service_url cannot be resolved" ;;
    7) problem="nothing accepts connections at $service_url" ;;
    28) problem="no answer from $service_url in time" ;;
    51 | 60 | 83) problem="TLS: the certificate of $service_url is not trusted by $bundle (or the clock is wrong)" ;;
    35 | 53 | 54 | 58 | 59 | 66 | 80) problem="TLS: no secure connection to $service_url can be agreed on" ;;
    77 | 82) problem="TLS: $bundle cannot be read" ;;
    23 | 63 | 153) problem="$service_url sends more than the pairing service would (is cvm_service_url right?)" ;;
    1 | 3) problem="$service_url is not the URL of a service" ;;
    127) problem='curl is not installed' ;;
    *) problem="the answer from $service_url broke off (curl $curl_exit)" ;;
  esac
}

# Prints the problem and sleeps until the next try. Gives up when no try is left.
keep_trying() {
  [ -n "$fatal" ] || {
    say_once "$problem; trying again."
    pause_before_next_try "$asked_to_wait" && return
  }
  give_up "$problem"
}

# Prints the last line before the boot goes on unpaired, and fails.
give_up() {
  say "gave up: $*."
  return 1
}
