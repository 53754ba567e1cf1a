{{/* The name of the application, as a label has it. */}}
{{- define "pairing.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* The name that all objects start with: short enough for the suffixes of the others. */}}
{{- define "pairing.fullname" -}}
{{- $name := include "pairing.name" . }}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/*
The labels that select the pods of a component. No label with a version is among them, because a change would
restart the stores. Takes a list: the root, the component.
*/}}
{{- define "pairing.selector" -}}
app.kubernetes.io/name: {{ include "pairing.name" (index . 0) }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The labels of a component. Takes a list: the root, the component. */}}
{{- define "pairing.labels" -}}
{{- $root := index . 0 -}}
{{ include "pairing.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "pairing.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "pairing.fullname" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{/*
The reference of an image, by its digest if it has one, from `imageRegistry` if that is set. Takes a list: the
root, the image's values, the default of its tag.
*/}}
{{- define "pairing.image" -}}
{{- $image := index . 1 }}
{{- $repository := $image.repository }}
{{- with (index . 0).Values.imageRegistry }}
{{- $repository = printf "%s/%s" . (regexReplaceAll "^[^/]*[.:][^/]*/" $repository "") }}
{{- end }}
{{- $repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default (index . 2) }}{{ end }}
{{- end }}

{{/* The Secret with all the secrets: yours, or the one that the chart generates. */}}
{{- define "pairing.secret" -}}
{{ .Values.secrets.existingSecret | default (printf "%s-secrets" (include "pairing.fullname" .)) }}
{{- end }}

{{/* Where users reach the service; empty when it is not exposed. */}}
{{- define "pairing.host" -}}
{{- with .Values -}}
{{- if .route.enabled }}{{ .route.host }}{{ else if .ingress.enabled }}{{ .ingress.host }}{{ else if .httpRoute.enabled }}{{ .httpRoute.host }}{{ end }}
{{- end }}
{{- end }}

{{- define "pairing.publicUrl" -}}
{{- if .Values.publicUrl }}{{ .Values.publicUrl }}
{{- else if include "pairing.host" . }}https://{{ include "pairing.host" . }}
{{- else }}http://localhost:3000
{{- end }}
{{- end }}

{{/* The chart, as `helm upgrade` takes it. */}}
{{- define "pairing.chart" -}}
{{ index .Chart.Annotations "cern.ch/chart" }} --version {{ .Chart.Version }}
{{- end }}
