# shellcheck shell=dash
# How long to try, and how often: never past the budget, whatever the service does.

# Time since the machine started, in hundredths of a second. Not the time of day: a clock that is set
# during the boot jumps by years.
now() {
  local up
  read -r up _ </proc/uptime
  up=${up%.*}${up#*.}
  while [ "$up" != "${up#0}" ]; do up=${up#0}; done # 09 would be read as octal
  echo "${up:-0}"
}

start_budget() {
  deadline=$(($(now) + PAIRING_BUDGET * 100))
  tries=0
}

# Seconds that one request may take: what is left of the budget, and no more than it should need.
time_for() {
  local left=$(((deadline - $(now)) / 100))
  [ "$left" -lt "$1" ] || left=$1
  [ "$left" -ge 1 ] || left=1
  echo "$left"
}

# pause_before_next_try [SECONDS]: sleeps as long as usual, or as long as the service asked for. Fails
# at once when tries or time would not suffice for another one.
pause_before_next_try() {
  local seconds=${1:-$PAIRING_PAUSE} random
  random=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
  seconds=$((seconds + ${random:-0} % (PAIRING_JITTER + 1)))
  tries=$((tries + 1))
  [ "$tries" -lt "$PAIRING_TRIES" ] || return 1
  [ "$(($(now) + seconds * 100))" -lt "$deadline" ] || return 1
  sleep "$seconds"
}
