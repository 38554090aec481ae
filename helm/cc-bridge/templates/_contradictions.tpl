{{/* Values that a schema cannot compare. Each message names both, what they are, and what was expected. */}}
{{- define "cc-bridge.refuse" -}}
{{- $v := .Values -}}
{{- if gt (int $v.replicas) 1 -}}
{{- if ne $v.backend "pod" -}}
{{- fail (printf "replicas is %d and backend is %s: what runs as processes belongs to one operator; expected 1, or 0 to pause, or backend pod" (int $v.replicas) $v.backend) -}}
{{- end -}}
{{- if not $v.persistence.enabled -}}
{{- fail (printf "replicas is %d and persistence.enabled is false: each operator would have droplets of its own; expected persistence.enabled true" (int $v.replicas)) -}}
{{- end -}}
{{- if and (not $v.persistence.existingClaim) (not (has "ReadWriteMany" $v.persistence.accessModes)) -}}
{{- fail (printf "replicas is %d and persistence.accessModes is %s: each operator would have droplets of its own; expected ReadWriteMany, or persistence.existingClaim with a volume that all can write" (int $v.replicas) (join "," $v.persistence.accessModes)) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $v.backend "pod") (not $v.config.podRuntimeImage) -}}
{{- fail "backend is pod and config.podRuntimeImage is empty: nothing would perform the actions of a container; expected the image made by .ci/cell-runtime/build" -}}
{{- end -}}
{{- if and $v.persistence.existingClaim (not $v.persistence.enabled) -}}
{{- fail (printf "persistence.existingClaim is %s and persistence.enabled is false: the claim would not be used; expected persistence.enabled true" $v.persistence.existingClaim) -}}
{{- end -}}
{{- if and (eq $v.backend "pod") $v.remoteReceptor.existingSecret -}}
{{- fail (printf "backend is pod and remoteReceptor.existingSecret is %s: a remote Receptor has a backend of its own; expected only one of the two" $v.remoteReceptor.existingSecret) -}}
{{- end -}}
{{- if and $v.frontDoors.receptor.enabled $v.remoteReceptor.existingSecret -}}
{{- fail (printf "frontDoors.receptor.enabled is true and remoteReceptor.existingSecret is %s: the built-in Receptor is not started when another one is used; expected only one of the two" $v.remoteReceptor.existingSecret) -}}
{{- end -}}
{{- if and $v.frontDoors.receptor.enabled (not $v.frontDoors.receptor.existingSecret) -}}
{{- fail "frontDoors.receptor.enabled is true and frontDoors.receptor.existingSecret is empty: everybody in the cluster could run anything; expected the name of a Secret with username and password" -}}
{{- end -}}
{{- if and (eq $v.watch.mode "list") (not $v.watch.namespaces) -}}
{{- fail "watch.mode is list and watch.namespaces is empty: nothing would be watched; expected at least one namespace" -}}
{{- end -}}
{{- if and (ne $v.watch.mode "list") $v.watch.namespaces -}}
{{- fail (printf "watch.mode is %s and watch.namespaces is %s: the list would not be used; expected watch.mode list" $v.watch.mode (join "," $v.watch.namespaces)) -}}
{{- end -}}
{{- $cc := include "cc-bridge.ccNamespace" . -}}
{{- if and $v.cloudController.url (eq $v.watch.mode "list") (not (has $cc $v.watch.namespaces)) -}}
{{- fail (printf "cloudController.namespace is %s and watch.namespaces is %s: its apps would not be watched; expected the former among the latter" $cc (join "," $v.watch.namespaces)) -}}
{{- end -}}
{{- if and $v.cloudController.url (eq $v.watch.mode "release") (ne $cc .Release.Namespace) -}}
{{- fail (printf "cloudController.namespace is %s and watch.mode is release: its apps would not be watched; expected %s" $cc .Release.Namespace) -}}
{{- end -}}
{{- range $door := list "stager" "nsync" "ccUploader" -}}
{{- if and (index $v.frontDoors $door).enabled (not $v.cloudController.url) -}}
{{- fail (printf "frontDoors.%s.enabled is true and cloudController.url is empty: nobody could be told of the outcome; expected the URL of a Cloud Controller" $door) -}}
{{- end -}}
{{- end -}}
{{- if and $v.cloudController.existingSecret (not $v.cloudController.url) -}}
{{- fail (printf "cloudController.existingSecret is %s and cloudController.url is empty: nobody would get the credentials; expected the URL of a Cloud Controller" $v.cloudController.existingSecret) -}}
{{- end -}}
{{- if and (not $v.serviceAccount.create) (not $v.serviceAccount.name) -}}
{{- fail "serviceAccount.create is false and serviceAccount.name is empty: there is no account to run as; expected a name" -}}
{{- end -}}
{{- $pdb := $v.podDisruptionBudget -}}
{{- if $pdb.enabled -}}
{{- $min := toString $pdb.minAvailable -}}{{- $max := toString $pdb.maxUnavailable -}}
{{- if eq (empty $min) (empty $max) -}}
{{- fail (printf "podDisruptionBudget.minAvailable is %q and podDisruptionBudget.maxUnavailable is %q: expected exactly one of the two" $min $max) -}}
{{- end -}}
{{- if and (eq (int $v.replicas) 1) (or (eq $max "0") (and $min (ne $min "0"))) -}}
{{- fail (printf "podDisruptionBudget.%s and replicas 1: its node could never be drained; expected maxUnavailable 1" (ternary (printf "minAvailable is %s" $min) (printf "maxUnavailable is %s" $max) (not (empty $min)))) -}}
{{- end -}}
{{- end -}}
{{- $taken := dict (toString (int $v.service.port)) "service.port" -}}
{{- $ports := list (dict "value" "metrics.port" "port" $v.metrics.port) -}}
{{- if eq $v.backend "pod" -}}{{- $ports = append $ports (dict "value" "peers.port" "port" $v.peers.port) -}}{{- end -}}
{{- range $one := concat $ports (include "cc-bridge.frontDoors" . | fromJsonArray) -}}
{{- $port := toString (int $one.port) -}}
{{- with get $taken $port -}}
{{- fail (printf "%s is %s and %s is %s: two servers want one port; expected different ones" . $port $one.value $port) -}}
{{- end -}}
{{- $_ := set $taken $port $one.value -}}
{{- end -}}
{{- $own := dict "logLevel" "logLevel" "listenAddress" "service.port" "debugAddress" "metrics.port" "leaseNamespace" "the release's namespace" "leaseIdentity" "the Pod's name" "receptorPeerAddress" "peers.port" "ccNamespace" "cloudController.namespace" "namespaces" "watch.namespaces" "backend" "backend" "ccBaseUrl" "cloudController.url" "ccUsername" "cloudController.existingSecret" "ccPassword" "cloudController.existingSecret" "ccPasswordFile" "cloudController.existingSecret" "skipCertVerify" "cloudController.skipCertVerify" "receptorUrl" "remoteReceptor.existingSecret" "receptorUrlFile" "remoteReceptor.existingSecret" "receptorAddress" "frontDoors.receptor" "receptorUsername" "frontDoors.receptor.existingSecret" "receptorPassword" "frontDoors.receptor.existingSecret" "receptorPasswordFile" "frontDoors.receptor.existingSecret" "stagerAddress" "frontDoors.stager" "nsyncAddress" "frontDoors.nsync" "tpsAddress" "frontDoors.tps" "ccUploaderAddress" "frontDoors.ccUploader" "data" "persistence" "static" "the image" "cellAddress" "the Pod's address" "kubeconfig" "serviceAccount" -}}
{{- range $key, $_ := $v.config -}}
{{- with get $own $key -}}
{{- fail (printf "config.%s is given, and so is %s: the chart sets it from there; expected it there only" $key .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
