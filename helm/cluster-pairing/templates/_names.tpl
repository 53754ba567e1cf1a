{{/* The name that all objects begin with: short enough for what is added to it. */}}
{{- define "pairing.name" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/*
What a component's pods are found by, and all their labels: one with a version would restart the stores with every
upgrade. Takes a list: the root, the component.
*/}}
{{- define "pairing.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
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
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "pairing.name" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "pairing.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The Secret that the chart makes. */}}
{{- define "pairing.ownSecret" -}}
{{ include "pairing.name" . }}-secrets
{{- end }}

{{/* Where people reach the service from outside; empty when nothing leads there. */}}
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
