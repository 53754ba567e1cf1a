{{/*
Prints one object: what the template `pairing.object.NAME` makes, with the common labels and annotations, and with
`overrides.NAME` merged over it. Takes a list: the root, NAME.
*/}}
{{- define "pairing.object" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- /* The values are checked once, with the first object: Helm renders files in no useful order. */}}
{{- if not (hasKey $root.Values "checked") }}
{{- $_ := set $root.Values "checked" true }}
{{- include "pairing.checks" $root }}
{{- end }}
{{- $object := include (printf "pairing.object.%s" $name) $root | fromYaml }}
{{- with $object.Error }}{{ fail (printf "%s: %s" $name .) }}{{ end }}
{{- range $field, $common := dict "labels" $root.Values.commonLabels "annotations" $root.Values.commonAnnotations }}
{{- if $common }}
{{- $_ := set $object.metadata $field (merge (get $object.metadata $field | default dict) $common) }}
{{- end }}
{{- end }}
{{- with get $root.Values.overrides $name }}
{{- $override := deepCopy . }}
{{- with $override.container }}
{{- include "pairing.merge" (list (first $object.spec.template.spec.containers) .) }}
{{- end }}
{{- include "pairing.merge" (list $object (omit $override "container")) }}
{{- end }}
{{- toYaml $object }}
{{- end }}

{{/*
Merges a map into another: maps are merged, everything else is replaced, and `null` removes. (Sprig's functions
ignore what is empty, such as `[]` and `false`.) Takes a list: the target, the source.
*/}}
{{- define "pairing.merge" -}}
{{- $target := index . 0 }}
{{- range $key, $value := index . 1 }}
{{- $old := get $target $key }}
{{- if kindIs "invalid" $value }}{{ $_ := unset $target $key }}
{{- else if and (kindIs "map" $value) (kindIs "map" $old) }}{{ include "pairing.merge" (list $old $value) }}
{{- else }}{{ $_ := set $target $key $value }}
{{- end }}
{{- end }}
{{- end }}
