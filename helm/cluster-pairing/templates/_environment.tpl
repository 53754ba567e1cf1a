{{/* A variable whose value is in a Secret. Takes a list: the variable, the Secret, its key. */}}
{{- define "pairing.fromSecret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 }}
      key: {{ index . 2 }}
{{- end }}

{{/*
The URL of a store that is not the chart's. Takes a list: the variable of its URL, that of its password, its
values.
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

{{/* The environment of the service. Kubernetes puts earlier variables in for $(NAME). */}}
{{- define "pairing.environment" -}}
{{- $name := include "pairing.name" . -}}
{{- $own := include "pairing.ownSecret" . -}}
{{- $secrets := .Values.secrets.existingSecret | default $own -}}
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
{{ include "pairing.fromSecret" (list "PIN_SECRET" $secrets .Values.secrets.pinSecretKey) }}
{{- with .Values.secrets.previousPinSecretKey }}
{{ include "pairing.fromSecret" (list "PIN_SECRET_PREVIOUS" $secrets .) }}
{{- end }}
{{ include "pairing.fromSecret" (list "SESSION_SECRET" $secrets .Values.secrets.sessionSecretKey) }}
{{- with .Values.secrets.previousSessionSecretKey }}
{{ include "pairing.fromSecret" (list "SESSION_SECRET_PREVIOUS" $secrets .) }}
{{- end }}
- name: OIDC_ISSUER
  value: {{ .Values.oidc.issuer | quote }}
{{- with .Values.oidc }}
{{- if .clientIdKey }}
{{ include "pairing.fromSecret" (list "OIDC_CLIENT_ID" .existingSecret .clientIdKey) }}
{{- else }}
- name: OIDC_CLIENT_ID
  {{- /* CERN SSO has no client of this name, nor can it: there they begin with a lower-case letter. */}}
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
{{ include "pairing.fromSecret" (list "REDIS_PASSWORD" $own "REDIS_PASSWORD") }}
- name: REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ $name }}-redis:6379
{{- else }}
{{ include "pairing.externalUrl" (list "REDIS_URL" "REDIS_PASSWORD" .Values.externalRedis) }}
{{- end }}
{{- if .Values.postgresql.enabled }}
{{ include "pairing.fromSecret" (list "DATABASE_PASSWORD" $own "DATABASE_PASSWORD") }}
- name: DATABASE_URL
  value: postgresql://pairing:$(DATABASE_PASSWORD)@{{ $name }}-postgresql:5432/pairing
{{- else }}
{{ include "pairing.externalUrl" (list "DATABASE_URL" "DATABASE_PASSWORD" .Values.externalPostgresql) }}
{{- end }}
{{- $proxies := ternary "1" "0" (ne (include "pairing.host" .) "") }}
{{- range $setting, $value := merge (dict "TRUSTED_PROXIES" (.Values.settings.TRUSTED_PROXIES | toString | default $proxies)) .Values.settings }}
{{- if ne (toString $value) "" }}
- name: {{ $setting }}
  {{- /* A number comes as a float, which would be written as 1e+06. */}}
  value: {{ ternary (int64 $value) $value (kindIs "float64" $value) | toString | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
