{{/* A variable whose value is in a Secret. Takes a list: the variable, the Secret, its key. */}}
{{- define "pairing.fromSecret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 }}
      key: {{ index . 2 }}
{{- end }}

{{/*
The URL of an external store. Takes a list: the variable of its URL, that of its password, its values.
*/}}
{{- define "pairing.externalUrl" -}}
{{- $values := index . 2 -}}
{{- if $values.urlKey }}
{{- include "pairing.fromSecret" (list (index . 0) $values.existingSecret $values.urlKey) }}
{{- else }}
{{- if $values.passwordKey }}
{{- include "pairing.fromSecret" (list (index . 1) $values.existingSecret $values.passwordKey) }}
{{ end -}}
- name: {{ index . 0 }}
  value: {{ $values.url | quote }}
{{- end }}
{{- end }}

{{/*
The environment of the service: a variable of `extraEnv` replaces the chart's. Kubernetes expands $(NAME) to the
value of an earlier variable.
*/}}
{{- define "pairing.environment" -}}
{{- $replaced := list }}
{{- range .Values.extraEnv }}{{ $replaced = append $replaced .name }}{{ end }}
{{- $environment := list }}
{{- range include "pairing.ownEnvironment" . | fromYamlArray }}
{{- if not (has .name $replaced) }}{{ $environment = append $environment . }}{{ end }}
{{- end }}
{{- concat $environment .Values.extraEnv | toYaml }}
{{- end }}

{{- define "pairing.ownEnvironment" -}}
{{- $name := include "pairing.fullname" . -}}
{{- $secret := include "pairing.secret" . -}}
- name: NODE_ENV
  value: production
- name: NODE_OPTIONS
  value: --max-old-space-size={{ .Values.maxHeapMiB }}
- name: PORT
  value: "3000"
- name: METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
- name: PUBLIC_URL
  value: {{ include "pairing.publicUrl" . | quote }}
{{ include "pairing.fromSecret" (list "PIN_SECRET" $secret .Values.secrets.pinSecretKey) }}
{{- with .Values.secrets.previousPinSecretKey }}
{{ include "pairing.fromSecret" (list "PIN_SECRET_PREVIOUS" $secret .) }}
{{- end }}
{{ include "pairing.fromSecret" (list "SESSION_SECRET" $secret .Values.secrets.sessionSecretKey) }}
{{- with .Values.secrets.previousSessionSecretKey }}
{{ include "pairing.fromSecret" (list "SESSION_SECRET_PREVIOUS" $secret .) }}
{{- end }}
- name: OIDC_ISSUER
  value: {{ .Values.oidc.issuer | quote }}
{{- with .Values.oidc }}
{{- if .clientIdKey }}
{{ include "pairing.fromSecret" (list "OIDC_CLIENT_ID" .existingSecret .clientIdKey) }}
{{- else }}
- name: OIDC_CLIENT_ID
  {{- /* No client of CERN SSO has this name: names start with a lower-case letter there. */}}
  value: {{ .clientId | default "NONE-YET" | quote }}
{{- end }}
{{- if .existingSecret }}
{{ include "pairing.fromSecret" (list "OIDC_CLIENT_SECRET" .existingSecret .clientSecretKey) }}
{{- else }}
- name: OIDC_CLIENT_SECRET
  value: none-yet
{{- end }}
{{- with .audience }}
- name: OIDC_AUDIENCE
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- if .Values.redis.enabled }}
{{ include "pairing.fromSecret" (list "REDIS_PASSWORD" $secret .Values.secrets.redisPasswordKey) }}
- name: REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ $name }}-redis:6379
{{- else }}
{{ include "pairing.externalUrl" (list "REDIS_URL" "REDIS_PASSWORD" .Values.externalRedis) }}
{{- end }}
{{- if .Values.postgresql.enabled }}
{{ include "pairing.fromSecret" (list "DATABASE_PASSWORD" $secret .Values.secrets.databasePasswordKey) }}
- name: DATABASE_URL
  value: postgresql://pairing:$(DATABASE_PASSWORD)@{{ $name }}-postgresql:5432/pairing
{{- else }}
{{ include "pairing.externalUrl" (list "DATABASE_URL" "DATABASE_PASSWORD" .Values.externalPostgresql) }}
{{- end }}
{{- $proxies := ternary "1" "0" (ne (include "pairing.host" .) "") }}
{{- $computed := dict "TRUSTED_PROXIES" $proxies "HOLD_SECONDS" .Values.settings.MAX_WAIT_SECONDS }}
{{- range $setting, $given := .Values.settings }}
{{- $value := ternary (get $computed $setting) $given (eq (toString $given) "") }}
{{- if ne (toString $value) "" }}
- name: {{ $setting }}
  {{- /* A number is a float here, which would be printed as 1e+06. */}}
  value: {{ ternary (int64 $value) $value (kindIs "float64" $value) | toString | quote }}
{{- end }}
{{- end }}
{{- end }}
