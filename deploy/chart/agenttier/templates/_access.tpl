{{/*
Rules of the user roles, each containing the one before, so that a role can be bound by itself.
Subresources are named one by one: "sandboxes/*" grants nothing in RBAC.
*/}}
{{- define "agenttier.rules.viewer" -}}
- apiGroups: [agenttier.io]
  resources: [sandboxes, sandboxtemplates, clustersandboxtemplates]
  verbs: [get, list, watch]
{{- end -}}

{{- define "agenttier.rules.editor" -}}
{{ include "agenttier.rules.viewer" . }}
- apiGroups: [agenttier.io]
  resources: [sandboxes]
  verbs: [create, update, patch, delete, deletecollection]
- apiGroups: [agenttier.io]
  resources: [sandboxes/stop, sandboxes/resume]
  verbs: [create]
# A WebSocket is a GET: get lets it through kube-apiserver, create is asked for by ours.
- apiGroups: [agenttier.io]
  resources: [sandboxes/exec, sandboxes/attach, sandboxes/portforward]
  verbs: [get, create]
- apiGroups: [agenttier.io]
  resources: [sandboxes/proxy]
  verbs: [get, create, update, patch, delete]
- apiGroups: [agenttier.io]
  resources: [sandboxes/configure, sandboxes/invoke]
  verbs: [create]
- apiGroups: [agenttier.io]
  resources: [sandboxes/log]
  verbs: [get]
- apiGroups: [agenttier.io]
  resources: [sandboxes/processes]
  verbs: [get, delete]
- apiGroups: [agenttier.io]
  resources: [sandboxes/ports]
  verbs: [get, create, delete]
- apiGroups: [agenttier.io]
  resources: [sandboxes/files]
  verbs: [get, update, create, delete]
- apiGroups: [agenttier.io]
  resources: [sandboxes/archive]
  verbs: [get, update]
{{- end -}}

{{- define "agenttier.rules.admin" -}}
{{ include "agenttier.rules.editor" . }}
- apiGroups: [agenttier.io]
  resources: [sandboxtemplates]
  verbs: [create, update, patch, delete, deletecollection]
{{- end -}}

{{- define "agenttier.rules.clusterAdmin" -}}
{{ include "agenttier.rules.admin" . }}
- apiGroups: [agenttier.io]
  resources: [clustersandboxtemplates]
  # use: to name one that is privileged or names a ServiceAccount.
  verbs: [create, update, patch, delete, deletecollection, use]
{{- end -}}
