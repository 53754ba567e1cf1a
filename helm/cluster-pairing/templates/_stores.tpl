{{/* The Service of a store. Takes a list: the root, the store, its port. */}}
{{- define "pairing.storeService" -}}
{{- $root := index . 0 }}
{{- $store := index . 1 }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "pairing.fullname" $root }}-{{ $store }}
  labels:
    {{- include "pairing.labels" (list $root $store) | nindent 4 }}
spec:
  selector:
    {{- include "pairing.selector" (list $root $store) | nindent 4 }}
  ports:
    - name: {{ $store }}
      port: {{ index . 2 }}
      targetPort: {{ $store }}
{{- end }}

{{/* The pod template's metadata of a store. Takes a list: the root, the store, its container's environment. */}}
{{- define "pairing.storeMetadata" -}}
labels:
  {{- include "pairing.selector" (list (index . 0) (index . 1)) | nindent 2 }}
{{- with include "pairing.secretAnnotation" (list (index . 0) (fromYamlArray (index . 2))) }}
annotations:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The volume `data`, unless a claim is made for it. Takes the values of its persistence. */}}
{{- define "pairing.dataVolume" -}}
{{- if not .enabled }}
- name: data
  emptyDir: {}
{{- else if .existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ .existingClaim }}
{{- end }}
{{- end }}

{{/* The claim of the volume `data`, if one is made. Takes the values of its persistence. */}}
{{- define "pairing.dataClaim" -}}
{{- if and .enabled (not .existingClaim) -}}
volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests:
          storage: {{ .size }}
{{- end }}
{{- end }}
