{{/*
Names are fixed, not derived from the release: the APIService, the ClusterRoles and the TLS name
agenttier-apiserver.<namespace>.svc exist once in a cluster.
*/}}

{{/* Labels that select a program's pods. Argument: dict "root" $ "component" "apiserver". */}}
{{- define "agenttier.selector" -}}
app.kubernetes.io/name: agenttier
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of every object of this chart. Argument as above; "component" names the part it belongs to. */}}
{{- define "agenttier.labels" -}}
{{ include "agenttier.selector" . }}
app.kubernetes.io/part-of: agenttier
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Full image reference. Argument: dict "root" $ "name" "apiserver". */}}
{{- define "agenttier.image" -}}
{{- $tag := .root.Values.global.tag | default .root.Chart.AppVersion -}}
{{- printf "%s/%s:%s" (.root.Values.global.registry | trimSuffix "/") .name $tag -}}
{{- end -}}

{{/* Name of the APIService, <version>.<group>; fixed by the API. */}}
{{- define "agenttier.apiService" -}}
subresources-v1alpha1.agenttier.io
{{- end -}}
