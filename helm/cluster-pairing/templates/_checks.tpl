{{/* What does not go together stops here, with a sentence that says what to do. */}}
{{- define "pairing.checks" -}}
{{- include "pairing.checkStore" (list "Redis" "redis" "externalRedis" "REDIS_PASSWORD" .Values.redis .Values.externalRedis) }}
{{- include "pairing.checkStore" (list "PostgreSQL" "postgresql" "externalPostgresql" "DATABASE_PASSWORD" .Values.postgresql .Values.externalPostgresql) }}
{{- with .Values.oidc }}
{{- if and .clientIdKey (not .existingSecret) }}
{{- fail "oidc.clientIdKey is a key of a Secret: set oidc.existingSecret to its name." }}
{{- end }}
{{- if and .clientId .clientIdKey }}
{{- fail "Set oidc.clientId or oidc.clientIdKey, not both." }}
{{- end }}
{{- if and .clientId (not .existingSecret) }}
{{- fail "oidc.clientId needs the client's secret: set oidc.existingSecret to the Secret that has it." }}
{{- end }}
{{- end }}
{{- if and .Values.route.enabled (not .Values.route.host) }}
{{- fail "Set route.host: where the router shall serve it." }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "Set ingress.host: where the controller shall serve it." }}
{{- end }}
{{- if and .Values.httpRoute.enabled (or (not .Values.httpRoute.host) (not .Values.httpRoute.parentRefs)) }}
{{- fail "Set httpRoute.host and httpRoute.parentRefs: where it shall be served, and by which gateway." }}
{{- end }}
{{- with .Values.autoscaling }}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
{{- fail "autoscaling.minReplicas must not be more than autoscaling.maxReplicas." }}
{{- end }}
{{- end }}
{{- if and .Values.podDisruptionBudget.enabled (not .Values.autoscaling.enabled) (lt (int .Values.replicas) 2) }}
{{- fail "podDisruptionBudget.enabled needs replicas of 2 or more: of a single one, none could ever be moved." }}
{{- end }}
{{- include "pairing.needs" (list . .Values.route.enabled "route.enabled" "route.openshift.io/v1") }}
{{- include "pairing.needs" (list . .Values.httpRoute.enabled "httpRoute.enabled" "gateway.networking.k8s.io/v1") }}
{{- include "pairing.needs" (list . .Values.metrics.serviceMonitor.enabled "metrics.serviceMonitor.enabled" "monitoring.coreos.com/v1") }}
{{- include "pairing.needs" (list . .Values.metrics.prometheusRule.enabled "metrics.prometheusRule.enabled" "monitoring.coreos.com/v1") }}
{{- end }}

{{/* Takes a list: the root, whether it is wanted, the value that says so, the API it needs. */}}
{{- define "pairing.needs" -}}
{{- $api := index . 3 }}
{{- if and (index . 1) (not ((index . 0).Capabilities.APIVersions.Has $api)) }}
{{- fail (printf "%s needs a cluster that knows %s. (Where none is asked, as by helm template, say --api-versions %s.)" (index . 2) $api $api) }}
{{- end }}
{{- end }}

{{/* Takes a list: the store, its values' name, that of its own, the variable of its password, both values. */}}
{{- define "pairing.checkStore" -}}
{{- $store := index . 0 }}
{{- $name := index . 1 }}
{{- $externalName := index . 2 }}
{{- $password := printf "$(%s)" (index . 3) }}
{{- $external := index . 5 }}
{{- if (index . 4).enabled }}
{{- if or $external.url $external.existingSecret }}
{{- fail (printf "To use a %s of your own, set %s.enabled=false as well as %s." $store $name $externalName) }}
{{- end }}
{{- else if not (or $external.url $external.urlKey) }}
{{- fail (printf "Without %s.enabled, set %s.url, or %s.existingSecret and %s.urlKey." $name $externalName $externalName $externalName) }}
{{- else if and $external.url $external.urlKey }}
{{- fail (printf "Set %s.url or %s.urlKey, not both." $externalName $externalName) }}
{{- else if and (or $external.urlKey $external.passwordKey) (not $external.existingSecret) }}
{{- fail (printf "%s has the key of a Secret: set %s.existingSecret to its name." $externalName $externalName) }}
{{- else if and $external.existingSecret (not (or $external.urlKey $external.passwordKey)) }}
{{- fail (printf "Of %s.existingSecret, set %s.urlKey or %s.passwordKey: which key to use." $externalName $externalName $externalName) }}
{{- else if and $external.passwordKey (not (contains $password $external.url)) }}
{{- fail (printf "%s.passwordKey is of no use unless %s.url has %s where the password belongs." $externalName $externalName $password) }}
{{- else if and (contains $password $external.url) (not $external.passwordKey) }}
{{- fail (printf "%s.url has %s: set %s.existingSecret and %s.passwordKey." $externalName $password $externalName $externalName) }}
{{- else if regexMatch "://[^/@]*:[^/@$]+@" $external.url }}
{{- fail (printf "%s.url must not have a password, which everyone who reads the release could read: write %s, and put it into a Secret." $externalName $password) }}
{{- end }}
{{- end }}
