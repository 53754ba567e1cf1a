# shellcheck shell=dash
# How long and how often to try. No try goes on after the end of the budget.

# Time since the machine started, in hundredths of a second. Not the time of day: a clock that is set
# during the boot jumps by years.
now() {
  local up
  read -r up _ </proc/uptime
  up=${up%.*}${up#*.}
  while [ "$up" != "${up#0}" ]; do up=${up#0}; done # 09 would be read as octal
  echo "${up:-0}"
}

# start_budget [SECONDS]: by default all that pairing may take.
start_budget() {
  deadline=$(($(now) + ${1:-$PAIRING_BUDGET} * 100))
  tries=0
}

# time_for SECONDS: prints how long one request may take: that, or what is left of the budget.
time_for() {
  local left=$(((deadline - $(now)) / 100))
  [ "$left" -lt "$1" ] || left=$1
  [ "$left" -ge 1 ] || left=1
  echo "$left"
}

# pause_before_next_try [SECONDS]: sleeps for the usual pause, or for as long as the service asked. Fails at
# once if no try or no time is left for another one.
pause_before_next_try() {
  local seconds=${1:-$PAIRING_PAUSE} random
  random=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
  seconds=$((seconds + ${random:-0} % (PAIRING_JITTER + 1)))
  tries=$((tries + 1))
  [ "$tries" -lt "$PAIRING_TRIES" ] || return 1
  [ "$(($(now) + seconds * 100))" -lt "$deadline" ] || return 1
  sleep "$seconds"
}
