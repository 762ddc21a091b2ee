{{/*
A number of bytes as plain digits. Takes an integer, or text with a suffix of Kubernetes quantities
(Ki, Mi, Gi, Ti, k, M, G, T); the schema has checked the form. YAML integers arrive as floats, which
print as 5.36870912e+09: hence int64.
*/}}
{{- define "agenttier.bytes" -}}
{{- if kindIs "string" . -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $factors := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mul $number (get $factors (regexFind "[A-Za-z]*$" .)) -}}
{{- else -}}
{{- int64 . -}}
{{- end -}}
{{- end -}}

{{/* Requests and limits as JSON, each quantity as text: YAML gives numbers for cpu: 2. Argument: a ResourceRequirements value. */}}
{{- define "agenttier.resources" -}}
{{- $result := dict -}}
{{- range $kind, $quantities := . -}}
{{- $text := dict -}}
{{- range $name, $quantity := $quantities -}}
{{- $_ := set $text $name (toString $quantity) -}}
{{- end -}}
{{- $_ := set $result $kind $text -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* Defaults of a sandbox that neither it nor its template sets, in the shape of Sandbox.spec. */}}
{{- define "agenttier.defaults" -}}
{{- $storage := dict "size" (toString .Values.defaults.sandbox.storage.size) "mountPath" .Values.defaults.sandbox.storage.mountPath -}}
{{- $network := dict "allowInternet" (eq .Values.networking.defaultPolicy "allow-internet") -}}
{{- $resources := include "agenttier.resources" .Values.defaults.sandbox.resources | fromJson -}}
{{- $sandbox := .Values.defaults.sandbox -}}
{{- dict "resources" $resources "storage" $storage "network" $network "timeout" $sandbox.timeout "idleTimeout" $sandbox.idleTimeout | toJson -}}
{{- end -}}
