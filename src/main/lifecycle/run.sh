# What builder, launcher and healthcheck have in common; they read it with ".". POSIX sh.
#
# Before: ccbridge_lib is the directory of this file. All names begin with ccbridge_, because the
# environment belongs to the app.

. "$ccbridge_lib/find-java.sh"

# Variables that would change our own JVM move out of its sight, under a prefix; the program puts
# them back for whatever it starts (the same list is in AppEnvironment.java). LC_ALL is one of
# them: in the C locale Java cannot name files outside of ASCII. Libraries that an app brings may be
# made for another C library than Java is.
ccbridge_hide_environment() {
  for ccbridge_name in JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS LC_ALL \
    LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT; do
    eval "ccbridge_value=\${$ccbridge_name-} ccbridge_set=\${$ccbridge_name+yes}"
    if [ -n "$ccbridge_set" ]; then
      export "CCBRIDGE_APP_$ccbridge_name=$ccbridge_value"
      unset "$ccbridge_name"
    fi
  done
}

# ccbridge_run ARGUMENTS_OF_JAVA...: becomes the program, or exits with 1 if there is no Java.
#
# The options keep the start short and leave no trace: no file in /tmp (UsePerfData), the limit of
# open files as it was (MaxFDLimit), nothing of the JVM's own on stdout.
ccbridge_run() {
  ccbridge_hide_environment
  ccbridge_find_java 25 || exit 1
  # bash itself would complain about a locale that the machine lacks. There need be no env.
  { export LC_ALL=C.UTF-8; } 2>/dev/null
  exec "$ccbridge_java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
    -XX:-UsePerfData -XX:-MaxFDLimit -Xlog:disable -Xlog:all=error:stderr "$@"
}
