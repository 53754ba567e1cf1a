# shellcheck shell=dash
# Replacing the placeholder in the files of a context: in all of them, or in none.

PLACEHOLDER='###MASTER_IP_PLACEHOLDER###'

# put_master_ip SCRATCH ADDRESS FILE…: puts the address for the placeholder in these files, and says so.
put_master_ip() {
  local stage
  stage=$(mktemp -d "$1/.cluster-pairing.XXXXXX") || {
    give_up "cannot write below $1"
    return
  }
  address_to_put=$2
  shift 2
  if ! replace_all "$stage" "$@"; then
    give_up 'the context could not be rewritten'
  elif [ "$replaced" -eq 0 ]; then
    say "the master is $address_to_put, but the context has no placeholder for it."
  else
    say "the master is $address_to_put (placeholder replaced in $replaced file$([ "$replaced" -eq 1 ] || echo s))."
  fi
  set -- "$?" "$stage"
  rm -rf "$2"
  return "$1"
}

# replace_all STAGE FILE…: every file is first finished in STAGE, which is on the same file system, and
# then moved into place, which no reader sees half done. Sets `replaced`, the number of files changed.
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
    [ -e "$stage/$number/finished" ] || continue
    mv -f "$stage/$number/finished" "$file" || return
    replaced=$((replaced + 1))
  done
}

# finish_copy FILE FOLDER: leaves FOLDER/finished, with the mode and owner of FILE, if the placeholder
# is in FILE.
finish_copy() {
  cp "$1" "$2/text" && edit_text "$2/text" put_address || return
  cmp -s "$1" "$2/text" && return
  # Overwritten and not created: the copy has the mode and owner already.
  cp -p "$1" "$2/finished" && cat "$2/text" >"$2/finished"
}

# Puts the address for every placeholder in a text, byte by byte: no pattern and no replacement syntax
# that a value could make use of.
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
