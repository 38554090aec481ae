# Finds a Java on this machine; read by other scripts with ".". POSIX sh.
#
# All names begin with ccbridge_: the variables of the script that reads this may be
# somebody's environment.

# ccbridge_find_java MAJOR: sets ccbridge_java to the first java of at least that version, from
# CC_BRIDGE_JAVA_HOME (how a container with a file system of its own is given one), JAVA_HOME, the
# PATH, or the usual places. Returns 1 and says so if there is none.
ccbridge_find_java() {
  for ccbridge_java in \
    "${CC_BRIDGE_JAVA_HOME:+$CC_BRIDGE_JAVA_HOME/bin/java}" \
    "${JAVA_HOME:+$JAVA_HOME/bin/java}" \
    "$(command -v java 2>/dev/null)" \
    /opt/java/*/bin/java \
    /usr/lib/jvm/*/bin/java \
    /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java; do
    if [ -x "$ccbridge_java" ]; then
      ccbridge_read_major "$ccbridge_java"
      if [ "$ccbridge_major" -ge "$1" ]; then
        return 0
      fi
    fi
  done
  echo "Java $1 or newer is needed, and was not found: not at JAVA_HOME (${JAVA_HOME:-not set})," \
    "not on the PATH, not in /opt/java, /usr/lib/jvm or /Library/Java" >&2
  return 1
}

# ccbridge_read_major JAVA: sets ccbridge_major, 0 if it cannot be told. Looks into the file
# "release" of the JDK where it can: running java only to ask costs more than the rest together.
ccbridge_read_major() {
  ccbridge_major=0
  ccbridge_real=$1
  if [ -h "$1" ]; then
    ccbridge_real=$(readlink -f "$1" 2>/dev/null) || ccbridge_real=$1
  fi
  ccbridge_release=${ccbridge_real%/bin/java}/release
  if [ -r "$ccbridge_release" ]; then
    while IFS= read -r ccbridge_line; do
      case $ccbridge_line in
        JAVA_VERSION=*) ccbridge_parse_major "$ccbridge_line" ;;
      esac
    done <"$ccbridge_release"
  else
    ccbridge_parse_major "$("$1" -version 2>&1 | ccbridge_read_version)"
  fi
}

# ccbridge_read_version: prints the line that tells the version. There need be no sed.
ccbridge_read_version() {
  while IFS= read -r ccbridge_line; do
    case $ccbridge_line in
      *' version "'*)
        echo "$ccbridge_line"
        return
        ;;
    esac
  done
}

# ccbridge_parse_major TEXT: the number after the first quotation mark.
ccbridge_parse_major() {
  ccbridge_major=${1#*\"}
  ccbridge_major=${ccbridge_major%%[!0-9]*}
  ccbridge_major=${ccbridge_major:-0}
}

