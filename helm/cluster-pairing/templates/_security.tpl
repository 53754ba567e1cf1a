{{/*
What fits the restricted-v2 SCC of OpenShift and the restricted Pod Security Standard. Neither user nor group
is chosen: the images name one, and OpenShift gives each project its own.
*/}}
{{- define "pairing.podSecurity" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/*
The same for a pod that writes to a volume. A plain Kubernetes makes the volume writable for the group that is
named; OpenShift names its own and refuses others. Takes a list: the root, the group.
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
