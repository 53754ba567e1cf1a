# shellcheck shell=dash
# The encodings of text in a context: gzip and base64, also nested. Base64 is found
# anywhere: a part of a MIME multipart, `write_files` with `encoding: b64`, an argument of a
# command, the user-data as a whole; in one line or folded, indented or not.
#
# All of this works on scratch copies and leaves its own scratch files beside them.

# Splits FILE into FILE.part.00001t, FILE.part.00002b and so on (text and base64). Together they have the same
# bytes as FILE. Base64 becomes a part of its own if a header declares it, if the file begins with it, if
# it is gzip, or if TEXT is in it: base64 of TEXT has one of three shapes, for the three ways in which it
# can lie across groups of three bytes.
split_parts() { # FILE TEXT
  local last_line=open
  [ -n "$(tail -c 1 "$1")" ] || last_line=closed
  find_shapes "$2"
  FILE=$1 LAST_LINE=$last_line SHAPES=$shapes LC_ALL=C awk '
    function begin(kind) {
      if (part != "") close(part)
      part = sprintf("%s.part.%05d%s", ENVIRON["FILE"], ++parts, kind)
      is_text = kind == "t"
    }
    function put_text(text) {
      if (text == "") return
      if (!is_text) begin("t")
      printf "%s", text >part
    }
    # A run is base64 in one or more lines: as it is written in `raw`, its characters alone in `joined`;
    # `pending` is what follows it up to the line that is read.
    function start_run(token, declared) {
      running = 1; raw = joined = token; width = length(token); ragged = declared
      whole = declared || (NR == 1 && !parts) # may have base64 in it that hides TEXT
      finished = token ~ /=$/; blank_lines = 0
    }
    function end_run(  shape, found) {
      running = 0
      found = whole || joined ~ /^H4sI/ # gzip
      for (shape in shapes) if (index(joined, shapes[shape])) found = 1
      if (found) { begin("b"); printf "%s", raw >part } else put_text(raw)
      put_text(pending)
      pending = ""
    }
    # Whether this line continues the run: as wide as its first line, or a shorter last line that completes it.
    # If a header declares base64, lines may have any width.
    function continues(line,  token, rest) {
      if (finished) return 0
      if (line ~ /^[ \t\r]*$/) { # YAML has an empty line between two lines of a quoted string
        if (++blank_lines > 1) return 0
        pending = pending "\n" line
        return 1
      }
      match(line, /^[ \t]*/)
      rest = substr(line, RLENGTH + 1)
      if (!match(rest, /^[A-Za-z0-9+\/]+=*/)) return 0
      token = substr(rest, 1, RLENGTH)
      rest = substr(rest, RLENGTH + 1)
      if (rest !~ /^(["\047]|[ \t\r]*$)/ && token !~ /=$/) return 0
      if (!ragged && length(token) != width) {
        if (length(token) > width || (length(joined) + length(token)) % 4) return 0
        finished = 1
      }
      raw = raw pending "\n" substr(line, 1, length(line) - length(rest))
      joined = joined token
      pending = rest
      blank_lines = 0
      if (token ~ /=$/ || rest !~ /^[ \t\r]*$/) finished = 1
      return 1
    }
    function scan(line,  token) {
      while (match(line, long_token)) {
        put_text(substr(line, 1, RSTART - 1))
        token = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        start_run(token, 0)
        if (line ~ /^[ \t\r]*$/) { pending = line; return }
        end_run()
      }
      put_text(line)
    }
    # Follows the headers of a part, which may be folded, and tells whether its body begins with this line.
    function body_begins(line,  lower) {
      if (after_headers) { after_headers = 0; return 1 }
      lower = tolower(line)
      if (lower ~ /^content-transfer-encoding:/) header = "encoding"
      else if (lower !~ /^[ \t]/) header = ""
      if (header == "encoding" && lower ~ /base64[ \t\r]*$/) encoded = 1
      if (line ~ /^\r?$/) { after_headers = encoded; encoded = 0 }
      return 0
    }
    BEGIN {
      split(ENVIRON["SHAPES"], shapes, " ")
      for (i = 0; i < 36; i++) long_token = long_token "[A-Za-z0-9+/]" # no {36}: mawk has no intervals
      long_token = long_token "[A-Za-z0-9+/]*=*"
    }
    running && continues($0) { next }
    running { end_run() }
    {
      if (NR > 1) put_text("\n")
      if (body_begins($0) && match($0, /^[ \t]*[A-Za-z0-9+\/]+=*[ \t\r]*$/)) {
        match($0, /^[ \t]*/)
        put_text(substr($0, 1, RLENGTH))
        line = substr($0, RLENGTH + 1)
        match(line, /^[A-Za-z0-9+\/=]+/)
        start_run(substr(line, 1, RLENGTH), 1)
        pending = substr(line, RLENGTH + 1)
      } else scan($0)
    }
    END {
      if (running) end_run()
      if (NR && ENVIRON["LAST_LINE"] == "closed") put_text("\n")
    }
  ' "$1"
}

# find_shapes TEXT: sets `shapes` to what base64_shapes prints. It is kept, because many files are searched for the same
# text, and it takes a dozen processes.
find_shapes() {
  [ "$1" = "${shapes_of:-}" ] || {
    shapes=$(base64_shapes "$1")
    shapes_of=$1
  }
}

# base64_shapes TEXT: prints three texts. Base64 of anything with TEXT in it has one of them.
base64_shapes() {
  local shape
  shape=$(printf %s "$1" | base64 | tr -d '\n')
  printf '%s ' "${shape%%?=*}"
  shape=$(printf 'x%s' "$1" | base64 | tr -d '\n') shape=${shape#??}
  printf '%s ' "${shape%%?=*}"
  shape=$(printf 'xx%s' "$1" | base64 | tr -d '\n') shape=${shape#???}
  printf %s "${shape%%?=*}"
}

# Each removes one layer: FROM TO. They fail when there is no such layer.
gunzip_layer() { gzip -dc <"$1" >"$2" 2>/dev/null; }
base64_layer() { LC_ALL=C tr -cd 'A-Za-z0-9+/=' <"$1" | base64 -d >"$2" 2>/dev/null; }

# put_base64_layer FROM TO: replaces the base64 in TO, with the same folding and indent.
put_base64_layer() {
  base64 <"$1" | tr -d '\n' >"$2.joined"
  JOINED=$2.joined LC_ALL=C awk '
    NR == 1 { match($0, /^[A-Za-z0-9+\/=]+/); width = RLENGTH; fold = substr($0, width + 1) "\n"; next }
    !folded && /[A-Za-z0-9]/ { match($0, /^[ \t]*/); fold = fold substr($0, 1, RLENGTH); folded = 1 }
    !folded { fold = fold $0 "\n" }
    END {
      getline joined <ENVIRON["JOINED"]
      if (!folded) width = length(joined)
      for (at = 1; at <= length(joined); at += width)
        printf "%s%s", (at == 1 ? "" : fold), substr(joined, at, width)
    }
  ' "$2" >"$2.folded" && cat "$2.folded" >"$2"
}

# Whether a file is text: awk and the shell would lose zero bytes.
is_text() { [ -r "$1" ] && [ "$(tr -cd '\000' <"$1" | wc -c)" -eq 0 ]; }

# plain_text FILE TEXT [flat]: prints FILE without those of its layers that have TEXT in them; with `flat`, the
# content of a layer is printed in one line.
plain_text() {
  local part
  if gunzip_layer "$1" "$1.plain"; then
    plain_text "$1.plain" "$2" "${3:-}"
    return
  fi
  is_text "$1" && [ -s "$1" ] || return 0
  split_parts "$1" "$2"
  for part in "$1".part.?????[tb]; do
    case $part in
      *t) cat "$part" ;;
      *b) { ! base64_layer "$part" "$part.plain" || plain_text "$part.plain" "$2" "${3:-}"; } | unfolded "${3:-}" ;;
    esac
  done
}

unfolded() { if [ -n "$1" ]; then tr '\n' ' '; else cat; fi; }

# edit_text FILE TEXT EDIT: runs EDIT on FILE and on the content of those of its layers that have TEXT in them, and
# encodes a layer again if its content has changed. Everything else keeps every byte.
edit_text() {
  local part
  if gunzip_layer "$1" "$1.plain"; then
    cp "$1.plain" "$1.before" && edit_text "$1.plain" "$2" "$3" || return
    cmp -s "$1.plain" "$1.before" || gzip -c <"$1.plain" >"$1"
    return
  fi
  is_text "$1" && [ -s "$1" ] || return 0
  split_parts "$1" "$2" || return
  for part in "$1".part.?????[tb]; do
    case $part in
      *t) "$3" "$part" || return ;;
      *b)
        base64_layer "$part" "$part.plain" || continue
        cp "$part.plain" "$part.before" && edit_text "$part.plain" "$2" "$3" || return
        cmp -s "$part.plain" "$part.before" || put_base64_layer "$part.plain" "$part" || return
        ;;
    esac
  done
  cat "$1".part.?????[tb] >"$1"
}
