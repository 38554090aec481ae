{{- define "cc-bridge.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "cc-bridge.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "cc-bridge.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "cc-bridge.selector" -}}
app.kubernetes.io/name: {{ include "cc-bridge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* metadata of an object, but for its name. */}}
{{- define "cc-bridge.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "cc-bridge.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "cc-bridge.annotations" -}}
{{- with .Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "cc-bridge.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "cc-bridge.fullname" .) -}}
{{- end -}}

{{- define "cc-bridge.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "cc-bridge.ccNamespace" -}}
{{- .Values.cloudController.namespace | default .Release.Namespace -}}
{{- end -}}

{{/* The namespaces that are watched, as a JSON list; empty: all. */}}
{{- define "cc-bridge.namespaces" -}}
{{- if eq .Values.watch.mode "list" -}}
{{- .Values.watch.namespaces | uniq | sortAlpha | toJson -}}
{{- else if eq .Values.watch.mode "release" -}}
{{- list .Release.Namespace | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{/* Whether all operators have one volume, made by the release; else each gets one of its own. */}}
{{- define "cc-bridge.sharesVolume" -}}
{{- if and (eq .Values.backend "pod") .Values.persistence.enabled (not .Values.persistence.existingClaim) (has "ReadWriteMany" .Values.persistence.accessModes) -}}
true
{{- end -}}
{{- end -}}

{{/* How containers and the Receptor reach our HTTP server. Processes of our own Pod do by loopback, whatever its address is. */}}
{{- define "cc-bridge.publicUrl" -}}
{{- if and (eq .Values.backend "process") (not .Values.remoteReceptor.existingSecret) -}}
http://127.0.0.1:{{ .Values.service.port }}
{{- else -}}
http://{{ include "cc-bridge.fullname" . }}.{{ .Release.Namespace }}.svc:{{ .Values.service.port }}
{{- end -}}
{{- end -}}

{{/* Ports besides those of the file server and the metrics: name, port, setting. JSON list. */}}
{{- define "cc-bridge.frontDoors" -}}
{{- $open := list -}}
{{- range $key, $name := dict "stager" "stager" "nsync" "nsync" "tps" "tps" "ccUploader" "cc-uploader" "receptor" "receptor" -}}
{{- $door := index $.Values.frontDoors $key -}}
{{- if $door.enabled -}}
{{- $open = append $open (dict "name" $name "port" $door.port "setting" (printf "%sAddress" $key) "value" (printf "frontDoors.%s.port" $key)) -}}
{{- end -}}
{{- end -}}
{{- $open | toJson -}}
{{- end -}}

{{/* The settings file. */}}
{{- define "cc-bridge.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "logLevel" .Values.logLevel -}}
{{- $_ := set $config "listenAddress" (printf "0.0.0.0:%d" (int .Values.service.port)) -}}
{{- $_ := set $config "debugAddress" (printf "0.0.0.0:%d" (int .Values.metrics.port)) -}}
{{- if not $config.publicUrl -}}{{- $_ := set $config "publicUrl" (include "cc-bridge.publicUrl" .) -}}{{- end -}}
{{- $_ := set $config "leaseNamespace" .Release.Namespace -}}
{{- $_ := set $config "ccNamespace" (include "cc-bridge.ccNamespace" .) -}}
{{- with include "cc-bridge.namespaces" . | fromJsonArray -}}{{- $_ := set $config "namespaces" . -}}{{- end -}}
{{- if eq .Values.backend "pod" -}}
{{- $_ := set $config "backend" "pod" -}}
{{- $_ := set $config "receptorPeerAddress" (printf "0.0.0.0:%d" (int .Values.peers.port)) -}}
{{- $selector := include "cc-bridge.selector" . | fromYaml -}}
{{- $own := printf "%s?app.kubernetes.io/name=%s&app.kubernetes.io/instance=%s" .Release.Namespace (index $selector "app.kubernetes.io/name") (index $selector "app.kubernetes.io/instance") -}}
{{- $given := default list $config.podReachable -}}
{{- if kindIs "string" $given -}}{{- $given = splitList "," $given -}}{{- end -}}
{{- $_ := set $config "podReachable" (append $given $own) -}}
{{- end -}}
{{- range include "cc-bridge.frontDoors" . | fromJsonArray -}}
{{- $_ := set $config .setting (printf "0.0.0.0:%d" (int .port)) -}}
{{- end -}}
{{- if and .Values.frontDoors.ccUploader.enabled (not $config.ccUploaderUrl) -}}
{{- $port := printf ":%d" (int .Values.frontDoors.ccUploader.port) -}}
{{- $_ := set $config "ccUploaderUrl" (include "cc-bridge.publicUrl" . | replace (printf ":%d" (int .Values.service.port)) $port) -}}
{{- end -}}
{{- with .Values.cloudController -}}
{{- if .url -}}
{{- $_ := set $config "ccBaseUrl" .url -}}
{{- if .skipCertVerify -}}{{- $_ := set $config "skipCertVerify" true -}}{{- end -}}
{{- if .existingSecret -}}{{- $_ := set $config "ccPasswordFile" "/etc/cc-bridge/cloud-controller/password" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.remoteReceptor.existingSecret -}}{{- $_ := set $config "receptorUrlFile" "/etc/cc-bridge/remote-receptor/url" -}}{{- end -}}
{{- if .Values.frontDoors.receptor.enabled -}}{{- $_ := set $config "receptorPasswordFile" "/etc/cc-bridge/receptor/password" -}}{{- end -}}
{{- toYaml $config -}}
{{- end -}}
