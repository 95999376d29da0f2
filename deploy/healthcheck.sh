#!/bin/bash
# Asks this container's own process whether it is ready; the image has no curl, so bash opens the socket.
set -eu
port=${1:-8080}
path=${2:-/health/ready}
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$path" >&3
read -r _ status _ <&3
[ "$status" = 200 ]
