{{/*
The data of the Secret that the chart generates; empty when you bring one. What was generated once is kept, also
what is not used at the moment. Generated once a rendering, so that all templates see the same.
*/}}
{{- define "pairing.generatedSecrets" -}}
{{- if not (hasKey .Values "generatedSecrets") }}
{{- $data := dict }}
{{- if not .Values.secrets.existingSecret }}
{{- $data = (lookup "v1" "Secret" .Release.Namespace (include "pairing.secret" .)).data | default dict }}
{{- include "pairing.checkGeneration" (list . $data) }}
{{- range include "pairing.secretKeys" . | fromYamlArray }}
{{- if not (hasKey $data .) }}{{ $_ := set $data . (randAlphaNum 48 | b64enc) }}{{ end }}
{{- end }}
{{- end }}
{{- $_ := set .Values "generatedSecrets" $data }}
{{- end }}
{{- toYaml .Values.generatedSecrets }}
{{- end }}

{{- define "pairing.secretKeys" -}}
{{- with .Values.secrets -}}
- {{ .pinSecretKey }}
- {{ .sessionSecretKey }}
{{- if $.Values.redis.enabled }}
- {{ .redisPasswordKey }}
{{- end }}
{{- if $.Values.postgresql.enabled }}
- {{ .databasePasswordKey }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Refuses to generate secrets where no cluster can be asked for those that exist: they would change with each
rendering. `helm template` does not know the API of the aggregation layer, which every cluster has. Argo CD passes
the APIs of its cluster, but its own are among them. Takes a list: the root, the data of the existing Secret.
*/}}
{{- define "pairing.checkGeneration" -}}
{{- $root := index . 0 }}
{{- if not (or (index . 1) $root.Values.secrets.generate) }}
{{- $apis := $root.Capabilities.APIVersions }}
{{- $asked := $apis.Has "apiregistration.k8s.io/v1" }}
{{- if and $asked ($apis.Has "argoproj.io/v1alpha1") }}
{{- $asked = lookup "v1" "ServiceAccount" $root.Release.Namespace "default" }}
{{- end }}
{{- if not $asked }}
{{- fail (printf "The secrets would be generated anew at each rendering, because no cluster can be asked for them here: set secrets.existingSecret to a Secret with the keys %s. (For a rendering that is never applied twice, set secrets.generate=true.)" (include "pairing.secretKeys" $root | fromYamlArray | join ", ")) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
An annotation that changes with the secrets of a container, so that its pod is replaced with them. Empty when a
Secret cannot be read, as without a cluster. Takes a list: the root, the container's environment.
*/}}
{{- define "pairing.secretAnnotation" -}}
{{- $root := index . 0 }}
{{- $generated := include "pairing.generatedSecrets" $root | fromYaml }}
{{- $values := list }}
{{- $unknown := false }}
{{- range index . 1 }}
{{- with (.valueFrom | default dict).secretKeyRef }}
{{- $data := $generated }}
{{- if or $root.Values.secrets.existingSecret (ne .name (include "pairing.secret" $root)) }}
{{- $data = (lookup "v1" "Secret" $root.Release.Namespace .name).data | default dict }}
{{- end }}
{{- if hasKey $data .key }}{{ $values = append $values (get $data .key) }}{{ else }}{{ $unknown = true }}{{ end }}
{{- end }}
{{- end }}
{{- if and $values (not $unknown) -}}
checksum/secrets: {{ $values | toJson | sha256sum }}
{{- end }}
{{- end }}
