{{/* Values that are wrong or contradict each other stop here, with a sentence that says what to do. */}}
{{- define "pairing.checks" -}}
{{- include "pairing.checkStore" (list "Redis" "redis" "externalRedis" "REDIS_PASSWORD" .Values.redis .Values.externalRedis) }}
{{- include "pairing.checkStore" (list "PostgreSQL" "postgresql" "externalPostgresql" "DATABASE_PASSWORD" .Values.postgresql .Values.externalPostgresql) }}
{{- include "pairing.checkStoreChange" (list . "redis" "all live clusters") }}
{{- include "pairing.checkStoreChange" (list . "postgresql" "the record of PINs") }}
{{- include "pairing.checkVolume" (list . "redis") }}
{{- include "pairing.checkVolume" (list . "postgresql") }}
{{- include "pairing.checkHosts" . }}
{{- include "pairing.checkSettings" . }}
{{- include "pairing.checkOverrides" . }}
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
{{- with .Values.autoscaling }}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
{{- fail "autoscaling.minReplicas must not be more than autoscaling.maxReplicas." }}
{{- end }}
{{- if and .keda.enabled .targetHeldRequests (not .keda.prometheusUrl) }}
{{- fail "autoscaling.targetHeldRequests with KEDA needs autoscaling.keda.prometheusUrl: where KEDA asks for the metric." }}
{{- end }}
{{- end }}
{{- with .Values.backup }}
{{- if and .enabled .s3.bucket (not (and .s3.endpoint .s3.existingSecret)) }}
{{- fail "backup.s3.bucket needs backup.s3.endpoint and backup.s3.existingSecret: where the bucket is, and the Secret with its access key." }}
{{- end }}
{{- end }}
{{- with .Values.metrics.port }}
{{- if or (eq (int .) 3000) (eq (int .) (int $.Values.service.port)) }}
{{- fail "metrics.port must differ from service.port and from 3000, the port of the service itself." }}
{{- end }}
{{- end }}
{{- include "pairing.needs" (list . .Values.route.enabled "route.enabled" "route.openshift.io/v1") }}
{{- include "pairing.needs" (list . .Values.httpRoute.enabled "httpRoute.enabled" "gateway.networking.k8s.io/v1") }}
{{- include "pairing.needs" (list . .Values.autoscaling.keda.enabled "autoscaling.keda.enabled" "keda.sh/v1alpha1") }}
{{- include "pairing.needs" (list . .Values.metrics.serviceMonitor.enabled "metrics.serviceMonitor.enabled" "monitoring.coreos.com/v1") }}
{{- include "pairing.needs" (list . .Values.metrics.prometheusRule.enabled "metrics.prometheusRule.enabled" "monitoring.coreos.com/v1") }}
{{- end }}

{{/* Takes a list: the root, whether the API is needed, the value that says so, the API. */}}
{{- define "pairing.needs" -}}
{{- $api := index . 3 }}
{{- if and (index . 1) (not ((index . 0).Capabilities.APIVersions.Has $api)) }}
{{- fail (printf "%s needs a cluster that has %s. (Without a cluster, as with helm template, pass --api-versions %s.)" (index . 2) $api $api) }}
{{- end }}
{{- end }}

{{/* Takes a list: the store, the name of its values, that of the external one, the variable of its password, both values. */}}
{{- define "pairing.checkStore" -}}
{{- $store := index . 0 }}
{{- $name := index . 1 }}
{{- $externalName := index . 2 }}
{{- $password := printf "$(%s)" (index . 3) }}
{{- $external := index . 5 }}
{{- if (index . 4).enabled }}
{{- if or $external.url $external.existingSecret }}
{{- fail (printf "To use your own %s, set %s.enabled=false as well as %s." $store $name $externalName) }}
{{- end }}
{{- else if not (or $external.url $external.urlKey) }}
{{- fail (printf "Without %s.enabled, set %s.url, or %s.existingSecret and %s.urlKey." $name $externalName $externalName $externalName) }}
{{- else if and $external.url $external.urlKey }}
{{- fail (printf "Set %s.url or %s.urlKey, not both." $externalName $externalName) }}
{{- else if and (or $external.urlKey $external.passwordKey) (not $external.existingSecret) }}
{{- fail (printf "%s has the key of a Secret: set %s.existingSecret to its name." $externalName $externalName) }}
{{- else if and $external.existingSecret (not (or $external.urlKey $external.passwordKey)) }}
{{- fail (printf "%s.existingSecret needs %s.urlKey or %s.passwordKey: the key to use." $externalName $externalName $externalName) }}
{{- else if and $external.passwordKey (not (contains $password $external.url)) }}
{{- fail (printf "%s.passwordKey has no effect unless %s.url has %s in the place of the password." $externalName $externalName $password) }}
{{- else if and (contains $password $external.url) (not $external.passwordKey) }}
{{- fail (printf "%s.url has %s: set %s.existingSecret and %s.passwordKey." $externalName $password $externalName $externalName) }}
{{- else if regexMatch "://[^/@]*:[^/@$]+@" $external.url }}
{{- fail (printf "%s.url must not have a password, because everyone who reads the release can read it: write %s, and put the password into a Secret." $externalName $password) }}
{{- end }}
{{- end }}

{{/* The StatefulSet that the release has now, if any. Takes a list: the root, the store. */}}
{{- define "pairing.currentStore" -}}
{{- lookup "apps/v1" "StatefulSet" (index . 0).Release.Namespace (printf "%s-%s" (include "pairing.fullname" (index . 0)) (index . 1)) | toYaml }}
{{- end }}

{{/* Says what it costs to leave a store of the chart, before it happens. Takes a list: the root, the store, what it holds. */}}
{{- define "pairing.checkStoreChange" -}}
{{- $root := index . 0 }}
{{- $store := index . 1 }}
{{- if not (or (index $root.Values $store).enabled $root.Values.allowStoreChange) }}
{{- if include "pairing.currentStore" (list $root $store) | fromYaml }}
{{- fail (printf "With %s.enabled=false this release leaves the chart's %s, and with it %s. docs/operations.md, \"From a trial to production\", says how to lose nothing. Then set allowStoreChange=true." $store $store (index . 2)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The API refuses to change the claim of a StatefulSet, without a word about the way. Takes a list: the root, the store. */}}
{{- define "pairing.checkVolume" -}}
{{- $root := index . 0 }}
{{- $store := index . 1 }}
{{- $values := index $root.Values $store }}
{{- $current := include "pairing.currentStore" . | fromYaml }}
{{- if and $values.enabled $current }}
{{- $claims := $current.spec.volumeClaimTemplates | default list }}
{{- $size := "" }}
{{- range $claims }}{{ $size = .spec.resources.requests.storage }}{{ end }}
{{- $wanted := and $values.persistence.enabled (not $values.persistence.existingClaim) | ternary $values.persistence.size "" }}
{{- if ne $size $wanted }}
{{- $name := $current.metadata.name }}
{{- fail (printf "The volume of %s is %s and should be %s, but Kubernetes does not change the claim of a StatefulSet. Run `kubectl delete statefulset %s --namespace %s --cascade=orphan` first, which stops nothing; to grow the volume see docs/operations.md, \"Growing a volume\"." $name ($size | default "none of its own") ($wanted | default "none of its own") $name $root.Release.Namespace) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "pairing.checkHosts" -}}
{{- $hosts := dict "route.host" .Values.route "ingress.host" .Values.ingress "httpRoute.host" .Values.httpRoute }}
{{- range $value, $exposure := $hosts }}
{{- if $exposure.enabled }}{{ include "pairing.checkHost" (list $value $exposure.host) }}{{ end }}
{{- end }}
{{- range $n, $host := .Values.extraHosts }}
{{- include "pairing.checkHost" (list (printf "extraHosts[%d]" $n) $host) }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "Set httpRoute.parentRefs: the gateways that serve it." }}
{{- end }}
{{- end }}

{{/* Takes a list: the value, the host. */}}
{{- define "pairing.checkHost" -}}
{{- $host := index . 1 }}
{{- if not $host }}
{{- fail (printf "Set %s: the host name of the service." (index . 0)) }}
{{- end }}
{{- if or (gt (len $host) 253) (not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$" $host)) }}
{{- fail (printf "%s must be one host name, such as pairing.example.org: lower case, no scheme, no port, no path and no wildcard." (index . 0)) }}
{{- end }}
{{- end }}

{{/* Rules of docs/settings.md that the service itself would refuse only when its pod starts. */}}
{{- define "pairing.checkSettings" -}}
{{- with .Values.settings }}
{{- if .PIN_TTL }}
{{- $minutes := mul (regexFind "^\\d+" .PIN_TTL | int) (hasSuffix "h" .PIN_TTL | ternary 60 1) }}
{{- if or (lt $minutes 10) (gt $minutes 1440) }}
{{- fail "settings.PIN_TTL must be between 10m and 24h." }}
{{- end }}
{{- end }}
{{- if .ISSUANCE_RETENTION }}
{{- $days := regexFind "^\\d+" .ISSUANCE_RETENTION | int }}
{{- if or (lt $days 2) (gt $days 3650) }}
{{- fail "settings.ISSUANCE_RETENTION must be between 2d and 3650d." }}
{{- end }}
{{- end }}
{{- if and (ne (toString .HOLD_SECONDS) "") (gt (int .HOLD_SECONDS) (int .MAX_WAIT_SECONDS)) }}
{{- fail "settings.HOLD_SECONDS must not be more than settings.MAX_WAIT_SECONDS." }}
{{- end }}
{{- end }}
{{- $limit := ((.Values.resources.limits | default dict).memory | default "") | toString }}
{{- if regexMatch "^\\d+(Mi|Gi)$" $limit }}
{{- $mebibytes := mul (regexFind "^\\d+" $limit | int) (hasSuffix "Gi" $limit | ternary 1024 1) }}
{{- if ge (int .Values.maxHeapMiB) $mebibytes }}
{{- fail "maxHeapMiB must be less than resources.limits.memory: the heap is only a part of the memory, and half of what is held for a waiting machine is outside it." }}
{{- end }}
{{- end }}
{{- end }}

{{- define "pairing.checkOverrides" -}}
{{- $known := list "backup" "backupClaim" "dashboard" "deployment" "horizontalPodAutoscaler" "httpRoute" "ingress" "networkPolicy" "podDisruptionBudget" "postgresql" "postgresqlNetworkPolicy" "postgresqlService" "prometheusRule" "redis" "redisNetworkPolicy" "redisService" "route" "scaledObject" "secret" "service" "serviceAccount" "serviceMonitor" "test" }}
{{- range $name, $_ := .Values.overrides }}
{{- if not (has $name $known) }}
{{- fail (printf "overrides.%s is no object of this chart. They are: %s." $name (join ", " $known)) }}
{{- end }}
{{- end }}
{{- end }}
