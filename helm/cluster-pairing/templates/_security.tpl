{{/*
What the restricted-v2 SCC of OpenShift and the restricted Pod Security Standard accept. No user and no group is
set: the images name a user, and OpenShift assigns one to each project.
*/}}
{{- define "pairing.podSecurity" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/*
The same for a pod that writes to a volume. Plain Kubernetes makes the volume writable for the group that is named
here; OpenShift assigns one and refuses others. Takes a list: the root, the group.
*/}}
{{- define "pairing.podSecurityWithVolume" -}}
{{ include "pairing.podSecurity" . }}
fsGroupChangePolicy: OnRootMismatch
{{- if not ((index . 0).Capabilities.APIVersions.Has "security.openshift.io/v1") }}
fsGroup: {{ index . 1 }}
{{- end }}
{{- end }}

{{- define "pairing.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* The fields that all pods of the chart have. */}}
{{- define "pairing.pod" -}}
serviceAccountName: {{ include "pairing.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
