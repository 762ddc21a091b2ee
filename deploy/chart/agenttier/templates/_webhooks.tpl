{{/* Where kube-apiserver finds a webhook. Argument: dict "root" $ "path" "/validate-sandbox". */}}
{{- define "agenttier.webhookClient" -}}
service:
  namespace: {{ .root.Release.Namespace }}
  name: agenttier-admission
  path: {{ .path }}
  port: 443
{{- end -}}

{{/* What the webhooks on CREATE and UPDATE have in common. Argument: CEL list of user names that they leave alone. */}}
{{- define "agenttier.webhookWrites" -}}
matchConditions:
  - name: spec-changes
    expression: >-
      request.operation == 'CREATE' || (!has(oldObject.metadata.deletionTimestamp) && object.spec != oldObject.spec)
  - name: not-our-own-accounts
    expression: >-
      !(request.userInfo.username in {{ . }})
admissionReviewVersions: [v1]
failurePolicy: Fail
matchPolicy: Equivalent
sideEffects: None
timeoutSeconds: 10
{{- end -}}
