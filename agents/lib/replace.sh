# shellcheck shell=dash
# Replacing the placeholder in the files of a context: in all of them, or in none.

PLACEHOLDER='###MASTER_IP_PLACEHOLDER###'

# put_master_ip FOLDER ADDRESS FILE…: replaces the placeholder in these files, and prints how often.
put_master_ip() {
  local count
  replace_placeholders "$@" || return
  if [ "$replaced" -eq 0 ]; then
    say "the master is $2, but the context has no placeholder for it."
  else
    count=$(placeholders "$replaced")
    say "the master is $2: $count replaced."
  fi
}

# replace_placeholders FOLDER ADDRESS FILE…: replaces every placeholder in these files by the address. FOLDER must be
# on the same file system. Sets `replaced`, the number of placeholders. Fails after a line that says why.
replace_placeholders() {
  local stage
  stage=$(mktemp -d "$1/.cluster-pairing.XXXXXX") || {
    give_up "cannot write below $1"
    return
  }
  address_to_put=$2
  shift 2
  replace_all "$stage" "$@" || give_up 'the context could not be rewritten'
  set -- "$?" "$stage"
  rm -rf "$2"
  return "$1"
}

# replace_all STAGE FILE…: every file is first finished in STAGE, and then moved into place, so that no
# reader sees a half-written one.
replace_all() {
  local stage=$1 file number
  shift
  replaced=0 number=0
  for file in "$@"; do
    number=$((number + 1))
    mkdir "$stage/$number" && finish_copy "$file" "$stage/$number" || return
  done
  number=0
  for file in "$@"; do
    number=$((number + 1))
    [ ! -e "$stage/$number/finished" ] || mv -f "$stage/$number/finished" "$file" || return
  done
}

# finish_copy FILE FOLDER: leaves FOLDER/finished, with the mode and owner of FILE, if the placeholder
# is in FILE.
finish_copy() {
  local count
  cp "$1" "$2/text" && cp "$1" "$2/counted" || return
  count=$(plain_text "$2/counted" "$PLACEHOLDER" | count_placeholders)
  [ "$count" -gt 0 ] || return 0
  edit_text "$2/text" "$PLACEHOLDER" put_address || return
  # Overwritten and not created: the copy has the mode and owner already.
  cp -p "$1" "$2/finished" && cat "$2/text" >"$2/finished" || return
  replaced=$((replaced + count))
}

# Prints how many placeholders there are in what it reads.
count_placeholders() {
  FROM=$PLACEHOLDER LC_ALL=C awk '
    { while (at = index($0, ENVIRON["FROM"])) { count++; $0 = substr($0, at + length(ENVIRON["FROM"])) } }
    END { print count + 0 }'
}

placeholders() { echo "$1 placeholder$([ "$1" -eq 1 ] || echo s)"; }

# Replaces every placeholder in a text by the address, without patterns and replacement syntax, which a value could
# misuse.
put_address() {
  local last_line=open
  grep -qF "$PLACEHOLDER" "$1" || return 0
  [ -n "$(tail -c 1 "$1")" ] || last_line=closed
  FROM=$PLACEHOLDER TO=$address_to_put LAST_LINE=$last_line LC_ALL=C awk '
    NR > 1 { printf "\n" }
    {
      rest = $0
      while (at = index(rest, ENVIRON["FROM"])) {
        printf "%s%s", substr(rest, 1, at - 1), ENVIRON["TO"]
        rest = substr(rest, at + length(ENVIRON["FROM"]))
      }
      printf "%s", rest
    }
    END { if (ENVIRON["LAST_LINE"] == "closed") printf "\n" }
  ' "$1" >"$1.put" && cat "$1.put" >"$1"
}
