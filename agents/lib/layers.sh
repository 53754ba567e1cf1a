# shellcheck shell=dash
# What a context may be wrapped in: gzip, and base64 for the parts of a MIME multipart.
#
# All of this works on scratch copies and leaves its own scratch files beside them.

# Splits FILE at its base64 parts into FILE.part.00001t, FILE.part.00002b and so on (text and base64),
# the same bytes again when put together. A part's header says what it is; its body ends at the first
# line that cannot be base64, such as a boundary.
split_parts() {
  local last_line=open
  [ -n "$(tail -c 1 "$1")" ] || last_line=closed
  FILE=$1 LAST_LINE=$last_line LC_ALL=C awk '
    function put(end) { printf "%s%s", line, end > part }
    function begin(kind) {
      if (part != "") close(part)
      part = sprintf("%s.part.%05d%s", ENVIRON["FILE"], ++parts, kind)
    }
    NR == 1 { begin("t") }
    NR > 1 { put("\n") }
    headers_end { headers_end = 0; body = 1; begin("b") }
    body && $0 !~ /^[A-Za-z0-9+\/=]*\r?$/ { body = 0; begin("t") }
    { line = $0 }
    !body && tolower($0) ~ /^content-transfer-encoding:[ \t]*base64[ \t]*\r?$/ { coded = 1 }
    !body && /^\r?$/ { headers_end = coded; coded = 0 }
    END { if (NR) put(ENVIRON["LAST_LINE"] == "open" ? "" : "\n") }
  ' "$1"
}

# Each takes one layer off: FROM TO. They fail when that layer is not there.
gunzip_layer() { gzip -dc <"$1" >"$2" 2>/dev/null; }
base64_layer() { tr -d '\r' <"$1" | base64 -d >"$2" 2>/dev/null; }

# Whether a file is text: awk and the shell would lose zero bytes.
is_text() { [ "$(tr -d '\000' <"$1" | wc -c)" -eq "$(wc -c <"$1")" ]; }

# Prints all the text in FILE, every layer taken off.
plain_text() {
  local part
  if gunzip_layer "$1" "$1.plain"; then
    plain_text "$1.plain"
    return
  fi
  is_text "$1" || return 0
  split_parts "$1"
  for part in "$1".part.?????[tb]; do
    case $part in
      *'?') ;; # an empty file has no parts
      *t) cat "$part" ;;
      *b) ! base64_layer "$part" "$part.plain" || plain_text "$part.plain" ;;
    esac
  done
}

# edit_text FILE EDIT: runs EDIT on the text in FILE below its layers, and puts them on again where
# something changed. What did not change keeps every byte.
edit_text() {
  local part
  if gunzip_layer "$1" "$1.plain"; then
    cp "$1.plain" "$1.before" && edit_text "$1.plain" "$2" || return
    cmp -s "$1.plain" "$1.before" || gzip -c <"$1.plain" >"$1"
    return
  fi
  is_text "$1" && [ -s "$1" ] || return 0
  split_parts "$1" || return
  for part in "$1".part.?????[tb]; do
    case $part in
      *t) "$2" "$part" || return ;;
      *b)
        base64_layer "$part" "$part.plain" || continue
        cp "$part.plain" "$part.before" && edit_text "$part.plain" "$2" || return
        cmp -s "$part.plain" "$part.before" || base64 <"$part.plain" >"$part" || return
        ;;
    esac
  done
  cat "$1".part.?????[tb] >"$1"
}
