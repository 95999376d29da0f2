{{- /* Names and pieces that several templates share. A service's piece is given (dict "root" $ "name" …). */}}

{{- define "dragoman.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{- define "dragoman.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "dragoman.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dragoman.labels" -}}
{{ include "dragoman.selector" . }}
app.kubernetes.io/part-of: dragoman
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* The configuration file: the values' sections, and what follows from the release itself. */}}
{{- define "dragoman.config" -}}
{{- $own := dict
  "server" (dict "listen" "0.0.0.0:8080" "internal_token_file" "/run/secrets/internal_token" "shutdown_grace_seconds" .Values.shutdownGraceSeconds)
  "gateway" (dict "analytics_url" (printf "http://%s-analytics:8080" (include "dragoman.fullname" .)) "llm_url" (printf "http://%s-llm-worker:8080" (include "dragoman.fullname" .)) "crm_url" (printf "http://%s-crm:8080" (include "dragoman.fullname" .)))
  "bot" (dict "llm_url" (printf "http://%s-llm-worker:8080" (include "dragoman.fullname" .)))
  "llm-worker" (dict "bot_url" (printf "http://%s-bot:8080" (include "dragoman.fullname" .))) -}}
{{- $config := mergeOverwrite (deepCopy .Values.config) $own -}}
{{- $_ := set $config "files" (mergeOverwrite (dict) ($config.files | default dict) (include "dragoman.files" . | fromJson)) -}}
{{- /* The address of the values, ours or theirs, and one in a file exclude each other. */}}
{{- if $config.nats.url_file }}{{ $_ := unset $config.nats "url" }}{{ end -}}
{{- include "dragoman.wholeNumbers" $config -}}
{{- toToml $config | trim }}
{{- end }}

{{- /* What `files` of the values says, as keys of the section of that name. */}}
{{- define "dragoman.files" -}}
{{- $files := .Values.files -}}
{{- $section := dict "clamav" ($files.clamav | default "") -}}
{{- if and (or $files.links $files.s3) (not $files.secret) -}}
  {{- fail "files.links and files.s3 have secrets: files.secret has to name the Secret that holds them" -}}
{{- end -}}
{{- if $files.links -}}
  {{- $_ := set $section "link_secret_file" "/run/secrets/files_link_secret" -}}
  {{- $_ := set $section "link_token_file" "/run/secrets/files_link_token" -}}
  {{- $public := $files.publicUrl | default (ternary (printf "https://%s" .Values.ingress.host) "" .Values.ingress.enabled) -}}
  {{- if $public -}}{{- $_ := set $section "public_url" $public -}}{{- end -}}
{{- end -}}
{{- with $files.s3 -}}
  {{- $_ := set $section "s3" (merge (dict "secret_access_key_file" "/run/secrets/files_s3_secret") .) -}}
{{- end -}}
{{- toJson $section -}}
{{- end }}

{{- /* A number of the values is a float to Helm, which writes 3000000 as 3e+06; to the services neither that nor 1.0
is a count. Makes the whole ones of a dictionary integers, in place, and writes nothing. */}}
{{- define "dragoman.wholeNumbers" -}}
{{- $table := . -}}
{{- range $key, $value := $table -}}
  {{- if kindIs "map" $value -}}
    {{- include "dragoman.wholeNumbers" $value -}}
  {{- else if kindIs "slice" $value -}}
    {{- $list := list -}}
    {{- range $value -}}
      {{- if kindIs "map" . -}}
        {{- include "dragoman.wholeNumbers" . -}}
        {{- $list = append $list . -}}
      {{- else if and (kindIs "float64" .) (eq . (floor .)) -}}
        {{- $list = append $list (int64 .) -}}
      {{- else -}}
        {{- $list = append $list . -}}
      {{- end -}}
    {{- end -}}
    {{- $_ := set $table $key $list -}}
  {{- else if and (kindIs "float64" $value) (eq $value (floor $value)) -}}
    {{- $_ := set $table $key (int64 $value) -}}
  {{- end -}}
{{- end -}}
{{- end }}

{{- define "dragoman.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "dragoman.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "dragoman.mounts" -}}
- {name: config, mountPath: /etc/dragoman, readOnly: true}
- {name: secrets, mountPath: /run/secrets, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{- /* (dict "config" NAME "secrets" LIST); a secret is a name, or a dictionary as Kubernetes has it */}}
{{- define "dragoman.volumes" -}}
- name: config
  configMap: {name: {{ .config }}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range .secrets }}
      - secret: {{ kindIs "string" . | ternary (dict "name" .) . | toJson }}
      {{- end }}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- end }}
